/** What a route table is asked. Everything is canonical already (canonical-path.ts). */
export interface RouteQuery {
  readonly method: string;
  /** Lower case, without a port. */
  readonly host: string;
  /** The canonical path. */
  readonly path: string;
  /** Without the question mark; empty without a query. */
  readonly query: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** For a CORS preflight, which has neither the fields nor the cookies of the request to come: the fields it announces. */
  readonly announced?: ReadonlySet<string> | undefined;
}
