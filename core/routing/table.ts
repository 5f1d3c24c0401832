/** The route table: which route takes a request, in the order of precedence.ts. */
import type { RouteConfig } from '../config/schema/index.ts';
import { Problem } from '../problem.ts';
import { compileRoutes } from './compile.ts';
import { type Explanation, explainRoutes } from './explain.ts';
import { createHosts } from './hosts.ts';
import { byPrecedence } from './precedence.ts';
import type { Route, RouteMatch, RouteQuery } from './route.ts';
import {
  type Candidate,
  createCandidate,
  createNode,
  findingOf,
  firstOf,
  fitting,
  holdsAll,
  insert,
  search,
  type TreeNode,
} from './tree.ts';

export interface RouteTable {
  /** The route that takes the request. What it costs depends on the path's elements, not on the number of routes. */
  match(query: RouteQuery): RouteMatch;
  /** For each route, in order of precedence, whether it takes the request or why it does not. Sends nothing. */
  explain(query: RouteQuery): readonly Explanation[];
  /** Every route in order of precedence, one for each of its hosts. */
  routesInOrder(): readonly Route[];
}

/** The routes of one host. Regular expressions are tried one after the other. */
interface HostRoutes {
  readonly root: TreeNode;
  readonly expressions: Candidate[];
}

const NOTHING: RouteMatch = Object.freeze({ found: 'nothing' });

/** Compiles the routes of one gateway: give it those the gateway exposes. */
export function buildTable(configs: readonly RouteConfig[]): RouteTable {
  const routes = [...compileRoutes(configs)].sort(byPrecedence);
  const hosts = createHosts<HostRoutes>(() => ({ root: createNode(), expressions: [] }));
  for (const [rank, route] of routes.entries()) place(hosts.of(route.host), createCandidate(route, rank));

  const find = (query: RouteQuery): Candidate | null => hosts.find(query.host, (routes) => best(routes, query));

  const match = (query: RouteQuery): RouteMatch => {
    const candidate = find(query);
    if (query.path.includes(';')) refuseAmbiguous(query, candidate);
    return candidate === null ? mismatch(query) : findingOf(candidate, query.path);
  };

  /** RFC 9110 section 15.5.6: 405 only where another method would be taken. */
  const mismatch = (query: RouteQuery): RouteMatch => {
    const allow = new Set<string>();
    hosts.find(query.host, (routes) => {
      for (const { route } of fittingOf(routes, query.path)) {
        if (holdsAll(route.predicates, query)) for (const method of route.methods ?? []) allow.add(method);
      }
      return null;
    });
    return allow.size === 0 ? NOTHING : { found: 'method-mismatch', allow: [...allow].sort() };
  };

  /**
   * Services of the Java world drop `;parameters` from path elements, others do not: `/admin;x` must not come in under the
   * rules of another route than `/admin`.
   */
  const refuseAmbiguous = (query: RouteQuery, candidate: Candidate | null): void => {
    if (candidate === null) return;
    const plain = find({ ...query, path: query.path.replace(/;[^/]*/g, '').replace(/\/{2,}/g, '/') });
    if (plain !== candidate) throw new Problem('ambiguous-target', { detail: 'Path parameters make the path that of another route.' });
  };

  return { match, explain: (query) => explainRoutes(routes, query), routesInOrder: () => routes };
}

function place(routes: HostRoutes, candidate: Candidate): void {
  const { path } = candidate.route;
  if (path.kind === 'expression') routes.expressions.push(candidate);
  else insert(routes.root, path.kind, path.elements, candidate);
}

function best({ root, expressions }: HostRoutes, query: RouteQuery): Candidate | null {
  const found = search(root, query, 1, null);
  for (const candidate of expressions) {
    if (found !== null && candidate.rank > found.rank) return found;
    if (fitsExpression(candidate, query.path) && firstOf([candidate], query, null) !== null) return candidate;
  }
  return found;
}

function* fittingOf({ root, expressions }: HostRoutes, path: string): Generator<Candidate> {
  yield* fitting(root, path);
  for (const candidate of expressions) if (fitsExpression(candidate, path)) yield candidate;
}

const fitsExpression = ({ route: { path } }: Candidate, text: string) =>
  path.kind === 'expression' && path.expression.matches(text, 'target-too-long');
