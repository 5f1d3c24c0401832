/**
 * What a filter is: the types for those that users write. A filter is the default export of a module; its shape is fixed.
 *
 * ```ts
 * import type { Filter } from 'postern/filter';
 *
 * export default {
 *   name: 'audit',
 *   stage: 'post',
 *   run(exchange) {
 *     exchange.response.headers.set('x-audit', exchange.route.name);
 *   },
 * } satisfies Filter;
 * ```
 */

/** pre: before routing to a service | route: around the call | post: on the way back | error: when a step failed (Zuul's four). */
export type Stage = 'pre' | 'route' | 'post' | 'error';

export interface Filter<Options = Record<string, unknown>> {
  /** In logs, metrics and `X-Postern-Debug`. */
  readonly name: string;
  readonly stage: Stage;
  /** Lower runs first within a stage; default 0. Of two alike the gateway's comes before the route's, then the order of the file decides. */
  readonly order?: number;
  /** JSON Schema (draft-07) of the options; defaults are filled in. Without one, options are passed as they are. */
  readonly schema?: object;
  /** What it throws, or a promise that rejects or takes longer than `filters.timeout`, fails this one request: 500 `filter-failed`. */
  run(exchange: FilterExchange, options: Options): void | Promise<void>;
}

/** Header fields. Names are taken in any case; those that frame a message are the gateway's own: to set one throws a TypeError. */
export interface Headers {
  /** All values of a field, joined by a comma. */
  get(name: string): string | undefined;
  /** In place of all that were there. */
  set(name: string, value: string): void;
  append(name: string, value: string): void;
  delete(name: string): void;
  has(name: string): boolean;
  /** Each field as name and value, in their order. */
  entries(): IterableIterator<[name: string, value: string]>;
}

export interface FilterRequest {
  /** Of the request as the service will get it. */
  method: string;
  /** Path and query as the service will get them, after the route's rewrite. What is set must be a target such as `/orders?page=2`. */
  url: string;
  readonly headers: Headers;
  /** Of the client, behind trusted proxies. */
  readonly clientAddress: string;
  /** `{ kind: 'user', subject, claims, scopes }`, `{ kind: 'caller', name }` or `{ kind: 'anonymous' }`. */
  readonly principal: FilterPrincipal;
  /** What each `{name}` of the route took. */
  readonly params: Readonly<Record<string, string>>;
  /**
   * The whole body, which the service gets all the same; undefined when it is larger than the limit.
   *
   * @param limit bytes
   */
  body(limit: number): Promise<Uint8Array | undefined>;
}

export type FilterPrincipal =
  | { readonly kind: 'anonymous' }
  | {
      readonly kind: 'user';
      readonly subject: string;
      readonly claims: Readonly<Record<string, unknown>>;
      readonly scopes: ReadonlySet<string>;
    }
  | { readonly kind: 'caller'; readonly name: string };

export interface FilterResponse {
  status: number;
  readonly headers: Headers;
  /** As that of a request; undefined too for an answer that streams longer than the limit. @param limit bytes */
  body(limit: number): Promise<Uint8Array | undefined>;
  /** Another body in its place; `Content-Length` follows, validators and encodings of the old one are dropped. */
  setBody(body: string | Uint8Array): void;
}

/** A failure, as clients get it as a problem document. */
export interface FilterError extends Error {
  /** `rate-limited`, `connection-refused`, ... */
  readonly code: string;
  readonly status: number;
}

export interface FilterLog {
  debug(fields: object | string, message?: string): void;
  info(fields: object | string, message?: string): void;
  warn(fields: object | string, message?: string): void;
  error(fields: object | string, message?: string): void;
}

export interface FilterExchange {
  readonly request: FilterRequest;
  /** In stages post and error, and in route once `next` has resolved; before, reading it throws. */
  readonly response: FilterResponse;
  readonly route: { readonly name: string };
  /** The name of the service; undefined where the answer is made of parts. */
  readonly service: string | undefined;
  /** In stage error, and in post behind it: what failed. */
  readonly error: FilterError | undefined;
  /** For this request, shared by its filters. */
  readonly state: Map<unknown, unknown>;
  readonly log: FilterLog;
  /**
   * Answers now: the later pre and route filters and the service are not called. In post and error it takes the place of the answer.
   *
   * @param body text or bytes as they are; anything else as JSON
   */
  respond(status: number, headers?: Readonly<Record<string, string>>, body?: unknown): void;
  /** In stage route only: calls the service, and resolves with its answer. A filter that does not call it leaves that to the gateway. */
  next(): Promise<FilterResponse>;
}
