/** All paths there are, in groups that no template tells apart: what a finite look at them can go by. */
import type { Element } from '../../routing/path-template.ts';
import type { Work } from '../turns.ts';

/** A template and what it stands for. */
export interface Pattern<T> {
  readonly kind: 'exact' | 'prefix';
  readonly elements: readonly Element[];
  readonly of: T;
}

export interface PathGroup<T> {
  /** The path, where the group is of one. */
  readonly path: string | undefined;
  /** What stands for the templates that take these paths. */
  readonly taken: readonly T[];
}

interface Node<T> {
  readonly literals: Map<string, Node<T>>;
  param: Node<T> | null;
  readonly exact: T[];
  readonly prefix: T[];
  /** Whether something that matters is here or below. */
  matters: boolean;
}

const newNode = <T>(): Node<T> => ({ literals: new Map(), param: null, exact: [], prefix: [], matters: false });

/**
 * Every group of paths, those of no template among them. The number of groups is about that of the templates, but many
 * overlapping ones with parameters can make it grow without bound: undefined when there are more than `most`.
 *
 * @param matters groups without anything that does are left out
 */
export function* pathGroups<T>(
  patterns: readonly Pattern<T>[],
  matters: (of: T) => boolean,
  most = 20_000,
): Work<readonly PathGroup<T>[] | undefined> {
  // Some path is no template's, whatever there is.
  const root = { ...newNode<T>(), matters: true };
  for (const { kind, elements, of } of patterns) {
    const marks = matters(of);
    let node: Node<T> = root;
    for (const { literal } of elements) {
      if (literal === undefined) {
        node.param ??= newNode();
        node = node.param;
      } else {
        const child = node.literals.get(literal) ?? newNode();
        node.literals.set(literal, child);
        node = child;
      }
      node.matters ||= marks;
    }
    node[kind].push(of);
  }
  const groups: PathGroup<T>[] = [];

  /** @param path what led here; undefined once any element would have done */
  function* visit(nodes: readonly Node<T>[], above: readonly T[], path: string | undefined): Work<void> {
    yield;
    if (groups.length > most || !(above.some(matters) || nodes.some((node) => node.matters))) return;
    const here = [...above, ...nodes.flatMap(({ prefix }) => prefix)];
    const ends = nodes.flatMap(({ exact }) => exact);
    // The shortest path, `/`, has an element already: the empty one.
    if (nodes[0] !== root) groups.push({ path, taken: [...here, ...ends] });
    if (path?.endsWith('/')) return;
    for (const literal of new Set(nodes.flatMap(({ literals }) => [...literals.keys()]))) {
      const next = nodes.flatMap(({ literals, param }) => [literals.get(literal) ?? [], literal === '' ? [] : (param ?? [])].flat());
      yield* visit(next, here, path === undefined ? undefined : `${path}/${literal}`);
    }
    // An element that no template has, or an empty one, which no parameter takes.
    groups.push({ path: undefined, taken: here });
    const others = nodes.flatMap(({ param }) => param ?? []);
    if (others.length > 0) yield* visit(others, here, undefined);
  }

  yield* visit([root], [], '');
  return groups.length > most ? undefined : groups;
}
