/** The tree of path elements that finds a route in as many steps as the path has elements, however many routes there are. */
import type { Element } from './path-template.ts';
import { readParams } from './path-template.ts';
import type { FoundRoute, Route, RouteQuery } from './route.ts';

/** A route in its place: the lower the rank, the earlier it goes (`byPrecedence`). */
export interface Candidate {
  readonly route: Route;
  readonly rank: number;
  /** The parameters' elements; empty without parameters, for which `found` is ready. */
  readonly elements: readonly Element[];
  readonly found: FoundRoute;
}

/** Of a thousand routes little is in the processor's cache when a request comes: what a node has nothing in is null, and is not looked at. */
export interface TreeNode {
  /** The only child by a literal, while there is only one; the text is null otherwise. */
  onlyText: string | null;
  onlyChild: TreeNode | null;
  literals: Map<string, TreeNode> | null;
  param: TreeNode | null;
  /** Routes whose path ends here, and routes whose prefix does, in order of precedence. */
  exact: Candidate[] | null;
  prefix: Candidate[] | null;
  /** The lowest rank here and below: no better candidate, no need to look. */
  best: number;
}

const NO_PARAMS: Readonly<Record<string, string>> = Object.freeze({});

export function createCandidate(route: Route, rank: number): Candidate {
  const elements = route.path.kind === 'expression' ? [] : route.path.elements;
  return {
    route,
    rank,
    elements: elements.some(({ param }) => param !== undefined) ? elements : [],
    found: Object.freeze({ found: 'route', route, params: NO_PARAMS }),
  };
}

/** The answer for a candidate that took the path. */
export function findingOf(candidate: Candidate, path: string): FoundRoute {
  if (candidate.elements.length === 0) return candidate.found;
  return { found: 'route', route: candidate.route, params: readParams(candidate.elements, path) };
}

export function createNode(): TreeNode {
  return { onlyText: null, onlyChild: null, literals: null, param: null, exact: null, prefix: null, best: Number.POSITIVE_INFINITY };
}

/** Puts a candidate into the tree. Candidates must come in order of precedence. */
export function insert(root: TreeNode, kind: 'exact' | 'prefix', elements: readonly Element[], candidate: Candidate): void {
  let node = root;
  node.best = Math.min(node.best, candidate.rank);
  for (const { literal } of elements) {
    node = literal === undefined ? paramChild(node) : literalChild(node, literal);
    node.best = Math.min(node.best, candidate.rank);
  }
  node[kind] ??= [];
  node[kind].push(candidate);
}

function paramChild(node: TreeNode): TreeNode {
  node.param ??= createNode();
  return node.param;
}

function literalChild(node: TreeNode, literal: string): TreeNode {
  node.literals ??= new Map();
  const known = node.literals.get(literal);
  if (known !== undefined) return known;
  const child = createNode();
  node.literals.set(literal, child);
  const isOnly = node.literals.size === 1;
  node.onlyText = isOnly ? literal : null;
  node.onlyChild = isOnly ? child : null;
  return child;
}

/** Whether the route takes the method, and all its conditions hold; the path and host are known to fit. */
export function takes({ methods, predicates }: Route, query: RouteQuery): boolean {
  return (methods === null || methods.has(query.method)) && holdsAll(predicates, query);
}

export function holdsAll(predicates: Route['predicates'], query: RouteQuery): boolean {
  for (const predicate of predicates) if (!predicate.holds(query)) return false;
  return true;
}

/** The first of the candidates that takes the request, if it goes before `best`; else `best`. */
export function firstOf(candidates: readonly Candidate[] | null, query: RouteQuery, best: Candidate | null): Candidate | null {
  if (candidates === null) return best;
  for (const candidate of candidates) {
    if (best !== null && candidate.rank > best.rank) return best;
    if (takes(candidate.route, query)) return candidate;
  }
  return best;
}

/**
 * The candidate of the lowest rank, at this node or below, that takes the request, or `best` if it goes before all of
 * them. `start` is where the path's next element begins, past its end once there is none. Visits a node at most once a
 * request, so what a request costs is bounded by the table, not by the client.
 */
export function search(node: TreeNode, query: RouteQuery, start: number, best: Candidate | null): Candidate | null {
  if (best !== null && node.best > best.rank) return best;
  const { path } = query;
  let found = best;
  if (start > path.length) found = firstOf(node.exact, query, found);
  else if (node.literals !== null || node.param !== null) {
    const end = endOf(path, start);
    const literal = literalAt(node, path, start, end);
    if (literal !== undefined) found = search(literal, query, end + 1, found);
    if (node.param !== null && end > start) found = search(node.param, query, end + 1, found);
  }
  return firstOf(node.prefix, query, found);
}

function endOf(path: string, start: number): number {
  const slash = path.indexOf('/', start);
  return slash === -1 ? path.length : slash;
}

/** An only child is compared where it stands: neither a substring nor its hash need be made. */
function literalAt(node: TreeNode, path: string, start: number, end: number): TreeNode | undefined {
  const { onlyText, onlyChild } = node;
  if (onlyText === null || onlyChild === null) return node.literals?.get(path.slice(start, end));
  return onlyText.length === end - start && path.startsWith(onlyText, start) ? onlyChild : undefined;
}

/** Every candidate whose path fits, in no particular order. */
export function* fitting(node: TreeNode, path: string, start = 1): Generator<Candidate> {
  if (node.prefix) yield* node.prefix;
  if (start > path.length) {
    if (node.exact) yield* node.exact;
    return;
  }
  const end = endOf(path, start);
  const literal = literalAt(node, path, start, end);
  if (literal !== undefined) yield* fitting(literal, path, end + 1);
  if (node.param !== null && end > start) yield* fitting(node.param, path, end + 1);
}
