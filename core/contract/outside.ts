/** The path by which clients of a gateway reach an operation of a service: what its route does to the path, undone. */
import type { RouteConfig } from '../config/schema/index.ts';
import { Problem } from '../problem.ts';
import { type Element, parsePrefix } from '../routing/path-template.ts';
import type { Route } from '../routing/route.ts';
import type { RouteTable } from '../routing/table.ts';
import type { Contract } from './contract.ts';
import type { Operation } from './operation.ts';

export interface Outside {
  /** With the operation's own names of parameters. */
  readonly path: string;
  /** Parameters of the operation's path that the route gives, and no client. */
  readonly given: ReadonlySet<string>;
  /** Parameters that only the gateway's path has. */
  readonly added: readonly string[];
}

/** Undefined when nobody gets there by this route, or nobody can say how. */
export function outsideOf(route: Route, operation: Operation, contract: Contract, table: RouteTable): Outside | undefined {
  if (route.methods && !route.methods.has(operation.method)) return undefined;
  return operation.bases
    .flatMap((base) => undone(route, elementsOf(`${base}${operation.template}`)) ?? [])
    .find((found) => isTaken(route, operation, found, contract, table));
}

const elementsOf = (template: string): string[] => template.slice(1).split('/');
const nameIn = (element: string): string | undefined => /^\{([^{}]+)\}$/.exec(element)?.[1];

function undone(route: Route, inside: readonly string[]): Outside | undefined {
  const { rewrite } = route.config;
  if (route.path.kind === 'expression') return rewrite ? undefined : { path: `/${inside.join('/')}`, given: new Set(), added: [] };
  const given = new Set<string>();
  const bound = new Map<string, string>();
  const before = rewrite?.path === undefined ? unstripped(rewrite, inside, given, bound) : undefined;
  const outer = rewrite?.path === undefined ? before : rewritten(route.path.elements, elementsOf(rewrite.path), inside, given, bound);
  const path = outer && (rewrite?.path === undefined ? covered(route, outer, given) : outer);
  if (!path) return undefined;
  const added = path.flatMap((element) => {
    const name = nameIn(element);
    return name !== undefined && !inside.includes(element) ? [name] : [];
  });
  return { path: `/${path.join('/')}`, given, added };
}

/** Without what was put in front, and with what was taken from there. */
function unstripped(
  rewrite: RouteConfig['rewrite'],
  inside: readonly string[],
  given: Set<string>,
  bound: Map<string, string>,
): string[] | undefined {
  const front = elementsOf(rewrite?.prefixPath ?? '/').filter((element) => element !== '');
  if (!front.every((element, at) => aligned(element, inside[at], given, bound))) return undefined;
  const stripped = parsePrefix(rewrite?.stripPrefix ?? '/').map((element) => written(element, bound));
  return [...stripped, ...inside.slice(front.length)];
}

/** The path that the route matches, where it becomes the operation's. */
function rewritten(
  match: readonly Element[],
  template: readonly string[],
  inside: readonly string[],
  given: Set<string>,
  bound: Map<string, string>,
): string[] | undefined {
  if (template.length !== inside.length || !template.every((element, at) => aligned(element, inside[at], given, bound))) return undefined;
  return match.map((element) => written(element, bound));
}

const written = ({ literal, param }: Element, bound: ReadonlyMap<string, string>): string =>
  literal ?? `{${bound.get(param as string) ?? param}}`;

/** Whether an element that a rewrite writes can be one of the operation's. */
function aligned(element: string, inside: string | undefined, given: Set<string>, bound: Map<string, string>): boolean {
  if (inside === undefined) return false;
  const name = nameIn(inside);
  const placeholder = nameIn(element);
  if (name === undefined) return element === inside;
  if (placeholder === undefined || placeholder.startsWith('claims.')) given.add(name);
  else bound.set(placeholder, name);
  return placeholder !== undefined || !element.includes('{');
}

/** What is left of a path under the match of its route; undefined when the route takes none of it. */
function covered({ path: pattern }: Route, outer: readonly string[], given: Set<string>): string[] | undefined {
  if (pattern.kind === 'expression') return undefined;
  const { elements, kind } = pattern;
  if (kind === 'exact' ? outer.length !== elements.length : outer.length < elements.length) return undefined;
  const left: string[] = [];
  for (const [at, element] of outer.entries()) {
    const literal = elements[at]?.literal;
    const name = nameIn(element);
    if (literal === undefined || literal === element) left.push(element);
    else if (name !== undefined) {
      // The route takes one of the values only.
      given.add(name);
      left.push(literal);
    } else return undefined;
  }
  return left;
}

/** Sends a path of this shape through the table and the rewrite in thought: does it arrive at the operation? */
function isTaken(route: Route, operation: Operation, { path }: Outside, contract: Contract, table: RouteTable): boolean {
  return ['x', '1'].some((value) => {
    const sample = path.replace(/\{[^{}]*\}/g, value);
    try {
      const host = route.host?.replace('*', 'any') ?? 'any.example';
      const match = table.match({ method: operation.method, host, path: sample, query: '', headers: {} });
      // What its conditions hold for, nobody can say here.
      const params = match.found === 'route' ? match.params : {};
      if (route.predicates.length === 0 && (match.found !== 'route' || match.route.config !== route.config)) return false;
      if (route.predicates.length > 0 || JSON.stringify(route.config.rewrite ?? {}).includes('{claims.')) return true;
      return contract.find(operation.method, route.rewrite(sample, params, {}))?.operation === operation;
    } catch (problem) {
      if (problem instanceof Problem) return false;
      throw problem;
    }
  });
}
