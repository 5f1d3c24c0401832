/** A route as the table holds it: the configuration's, compiled once for each snapshot. */
import type { RouteConfig } from '../config/schema/index.ts';
import type { PathPattern } from './path-pattern.ts';
import type { Predicate } from './predicates.ts';
import type { Rewriter } from './rewrite.ts';

export type { RouteQuery } from './route-query.ts';

export interface Route {
  readonly name: string;
  readonly config: RouteConfig;
  /** The template for telemetry (`http.route`): `/orders/{id}`, `/orders/*` for a prefix, the pattern of a regular expression. */
  readonly template: string;
  readonly path: PathPattern;
  /** The methods it takes, GET implying HEAD; null for every method. */
  readonly methods: ReadonlySet<string> | null;
  /** The host it takes: a name, `*.name` for any under it, null for every host. One compiled route a host. */
  readonly host: string | null;
  /** Header, cookie and query conditions, all of which must hold. */
  readonly predicates: readonly Predicate[];
  readonly rewrite: Rewriter;
  /** Its place in the file, the last word on precedence. */
  readonly index: number;
}

export interface FoundRoute {
  readonly found: 'route';
  readonly route: Route;
  /** The element each `{name}` took, in canonical form: still percent-encoded, so that it is one element wherever it goes. */
  readonly params: Readonly<Record<string, string>>;
}

export type RouteMatch =
  | FoundRoute
  /** Some route matches in everything but its method: 405 with these in `Allow`. */
  | { readonly found: 'method-mismatch'; readonly allow: readonly string[] }
  | { readonly found: 'nothing' };
