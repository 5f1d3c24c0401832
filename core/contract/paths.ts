/** Which path of a contract a request is for: OpenAPI's templates, literal elements before parameters. */
import { canonicalElement } from '../routing/path-template.ts';

interface Element {
  /** Undefined for a literal. */
  readonly matches: RegExp | undefined;
  readonly names: readonly string[];
  readonly literal: string;
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
      node = element.matches === undefined ? literalNode(node, element.literal) : templateNode(node, element);
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
      const literal = node.literals.get(element);
      const found = literal && walk(literal, at + 1, values);
      if (found) return found;
      for (const { element: template, node: inner } of node.templates) {
        const taken = template.matches?.exec(element);
        const matched = taken && walk(inner, at + 1, [...values, ...taken.slice(1)]);
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
  const known = node.templates.find(({ element: other }) => other.literal === element.literal);
  if (known) return known.node;
  const next = newNode<T>();
  node.templates.push({ element, node: next });
  // What has more text of its own is more exact.
  node.templates.sort((a, b) => b.element.literal.length - a.element.literal.length);
  return next;
}

/** `orders`, `{id}`, `{base}...{head}`, `{id}.json` */
function elementOf(written: string): Element {
  const pieces = written.split(/\{([^{}]*)\}/);
  if (pieces.length === 1)
    return { matches: undefined, names: [], literal: written === '' ? '' : (canonicalElement(literalOf(written)) ?? written) };
  const names = pieces.filter((_, at) => at % 2 === 1);
  const source = pieces
    .map((piece, at) => (at % 2 === 0 ? escaped(literalOf(piece)) : at === pieces.length - 2 ? '(.+)' : '(.+?)'))
    .join('');
  return { matches: new RegExp(`^${source}$`, 's'), names, literal: pieces.map((piece, at) => (at % 2 === 0 ? piece : '{}')).join('') };
}

const literalOf = (text: string): string => text.replace(/[^!-~]+/g, encodeURIComponent);
const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
