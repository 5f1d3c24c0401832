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

interface FilterOf<At extends Stage, Exchange, Options> {
  /** In logs, metrics and `X-Postern-Debug`. */
  readonly name: string;
  readonly stage: At;
  /** Lower runs first within a stage; default 0. Of two alike the gateway's comes before the route's, then the order of the file decides. */
  readonly order?: number;
  /** JSON Schema (draft-07) of the options; defaults are filled in. Without one, options are passed as they are. */
  readonly schema?: object;
  /**
   * What it throws, or a promise that rejects or takes longer than `filters.timeout`, fails this one request: 500 `filter-failed`.
   *
   * @param options frozen, and the same for every request
   */
  run(exchange: Exchange, options: Options): void | Promise<void>;
}

/** Each stage has what is there at its time: before the call there is no response. */
export type Filter<Options = Record<string, unknown>> =
  | FilterOf<'pre', PreExchange, Options>
  | FilterOf<'route', RouteExchange, Options>
  | FilterOf<'post', PostExchange, Options>
  | FilterOf<'error', ErrorExchange, Options>;

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
  /** Path and query as the service will get them, after the route's rewrite. What is set must be a target such as `/orders?page=2`; without effect on an aggregate. */
  url: string;
  readonly headers: Headers;
  /** Of the client, behind trusted proxies. */
  readonly clientAddress: string;
  /** `{ kind: 'user', subject, claims, scopes }`, `{ kind: 'caller', name }` or `{ kind: 'anonymous' }`. */
  readonly principal: FilterPrincipal;
  /** What each `{name}` of the route took. */
  readonly params: Readonly<Record<string, string>>;
  /**
   * The whole body, which the service gets all the same; undefined when it is larger than the limit, and once the service reads it:
   * what post wants to know of it, pre has to keep.
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
  /** As that of a request: undefined when it is larger. It is waited for to its end; of one without an end, up to the limit. @param limit bytes */
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

export interface PreExchange {
  readonly request: FilterRequest;
  readonly route: { readonly name: string };
  /** The name of the service; undefined where the answer is made of parts. */
  readonly service: string | undefined;
  /** For this request, shared by its filters. */
  readonly state: Map<unknown, unknown>;
  readonly log: FilterLog;
  /**
   * Answers now: the later pre and route filters and the service are not called. In post and error it takes the place of the answer.
   *
   * @param headers a list where a field stands several times: `Set-Cookie`
   * @param body text or bytes as they are; anything else as JSON
   */
  respond(status: number, headers?: Readonly<Record<string, string | readonly string[]>>, body?: unknown): void;
}

export interface RouteExchange extends PreExchange {
  /** Once `next` has resolved; before, reading it throws. */
  readonly response: FilterResponse;
  /** Calls the service, once, and resolves with its answer. A filter that does not call it leaves that to the gateway. */
  next(): Promise<FilterResponse>;
}

export interface PostExchange extends PreExchange {
  readonly response: FilterResponse;
  /** What failed, where the answer says so. */
  readonly error: FilterError | undefined;
}

export interface ErrorExchange extends PostExchange {
  readonly error: FilterError;
}

/** All that an exchange has, whatever the stage. */
export type FilterExchange = RouteExchange & PostExchange;
