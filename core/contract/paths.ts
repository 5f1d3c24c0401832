/**
 * Which path of a contract a request is for: OpenAPI's templates, literal elements before parameters. What services decode before
 * they look is compared decoded: `/orders/%24metadata` is `/orders/$metadata`, and no order.
 */

/** One with parameters; what is written between them has one piece more than there are names. */
interface Element {
  readonly names: readonly string[];
  /** Decoded. */
  readonly pieces: readonly string[];
}

interface Node<T> {
  readonly literals: Map<string, Node<T>>;
  readonly templates: { readonly element: Element; readonly node: Node<T> }[];
  /** By method. */
  readonly leaves: Map<string, { readonly value: T; readonly names: readonly string[] }>;
}

export interface PathMatch<T> {
  readonly value: T;
  /** As they stand in the path, still encoded. */
  readonly params: Readonly<Record<string, string>>;
}

const newNode = <T>(): Node<T> => ({ literals: new Map(), templates: [], leaves: new Map() });

export class PathTemplates<T> {
  readonly #root: Node<T> = newNode();

  /** @returns false when a template that takes the same requests is there already */
  add(method: string, template: string, value: T): boolean {
    let node = this.#root;
    const names: string[] = [];
    for (const written of template.replace(/^\//, '').split('/')) {
      const element = elementOf(written);
      names.push(...element.names);
      node = element.names.length === 0 ? literalNode(node, element.pieces[0] as string) : templateNode(node, element);
    }
    if (node.leaves.has(method)) return false;
    node.leaves.set(method, { value, names });
    return true;
  }

  /** @param path canonical */
  find(method: string, path: string): PathMatch<T> | undefined {
    const elements = path.slice(1).split('/');
    const walk = (node: Node<T>, at: number, values: readonly string[]): PathMatch<T> | undefined => {
      if (at === elements.length) {
        const leaf = node.leaves.get(method);
        return leaf && { value: leaf.value, params: Object.fromEntries(leaf.names.map((name, index) => [name, values[index] as string])) };
      }
      const element = elements[at] as string;
      const text = decoded(element);
      const literal = node.literals.get(text);
      const found = literal && walk(literal, at + 1, values);
      if (found) return found;
      for (const { element: template, node: inner } of node.templates) {
        const taken = spans(template, text);
        const matched = taken && walk(inner, at + 1, [...values, ...written(element, text, taken)]);
        if (matched) return matched;
      }
      return undefined;
    };
    return walk(this.#root, 0, []);
  }
}

function literalNode<T>(node: Node<T>, literal: string): Node<T> {
  let next = node.literals.get(literal);
  if (!next) {
    next = newNode();
    node.literals.set(literal, next);
  }
  return next;
}

function templateNode<T>(node: Node<T>, element: Element): Node<T> {
  const known = node.templates.find(({ element: other }) => other.pieces.join('{}') === element.pieces.join('{}'));
  if (known) return known.node;
  const next = newNode<T>();
  node.templates.push({ element, node: next });
  // What has more text of its own is more exact.
  const exactness = ({ pieces }: Element) => pieces.join('{}').length;
  node.templates.sort((a, b) => exactness(b.element) - exactness(a.element));
  return next;
}

/** `orders`, `{id}`, `{base}...{head}`, `{id}.json` */
function elementOf(template: string): Element {
  const parts = template.split(/\{([^{}]*)\}/);
  return {
    names: parts.filter((_, at) => at % 2 === 1),
    pieces: parts.filter((_, at) => at % 2 === 0).map(decoded),
  };
}

type Span = readonly [start: number, end: number];

/** What each parameter takes, in one pass: at least a character, and no more than it must. Undefined when the text does not fit. */
function spans({ pieces }: Element, text: string): Span[] | undefined {
  const suffix = pieces.at(-1) as string;
  let start = (pieces[0] as string).length;
  const end = text.length - suffix.length;
  if (!text.startsWith(pieces[0] as string) || !text.endsWith(suffix)) return undefined;
  const taken: Span[] = [];
  for (const piece of pieces.slice(1, -1)) {
    const found = text.indexOf(piece, start + 1);
    if (found === -1 || found + piece.length > end) return undefined;
    taken.push([start, found]);
    start = found + piece.length;
  }
  return start < end ? [...taken, [start, end]] : undefined;
}

/** The spans of a decoded element as they stand in the path: an escape may be a part of a value where the character would end it. */
function written(element: string, text: string, taken: readonly Span[]): string[] {
  if (element === text) return taken.map(([start, end]) => text.slice(start, end));
  const places: number[] = [];
  let at = 0;
  for (const character of text) {
    for (let unit = 0; unit < character.length; unit += 1) places.push(at);
    at += element[at] === '%' ? Buffer.byteLength(character) * 3 : character.length;
  }
  places.push(at);
  return taken.map(([start, end]) => element.slice(places[start], places[end]));
}

function decoded(element: string): string {
  if (!element.includes('%')) return element;
  try {
    return decodeURIComponent(element);
  } catch {
    return element;
  }
}
