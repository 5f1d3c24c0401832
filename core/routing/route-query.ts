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
}
