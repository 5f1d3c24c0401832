/** The request on its way to the service, and the answer on its way back, as filters see and change them. */
import type { Context } from '../context.ts';
import { canonicalTarget } from '../routing/canonical-path.ts';
import type { Outgoing } from '../upstream/outgoing.ts';
import type { UpstreamResponse } from '../upstream/response.ts';
import type { FilterPrincipal, FilterRequest, FilterResponse } from './filter.ts';
import { HeaderFields } from './headers.ts';
import { misuse } from './stray.ts';

/** How a filter waits for what others have to bring: the time is not its own. */
export type Wait = <T>(promise: Promise<T>) => Promise<T>;

export interface Viewer {
  readonly wait: Wait;
  /** @throws TypeError once its time is over */
  mayChange(): void;
}

export class RequestView implements FilterRequest {
  readonly headers: HeaderFields;
  readonly #ctx: Context;
  readonly #outgoing: Outgoing;
  readonly #viewer: Viewer;

  constructor(ctx: Context, outgoing: Outgoing, viewer: Viewer) {
    this.#ctx = ctx;
    this.#outgoing = outgoing;
    this.#viewer = viewer;
    this.headers = new HeaderFields(
      () => outgoing.headers,
      () => viewer.mayChange(),
    );
  }

  get method(): string {
    return this.#outgoing.method;
  }

  set method(method: string) {
    this.#viewer.mayChange();
    if (typeof method !== 'string' || !/^[!#$%&'*+.^_`|~\dA-Za-z-]+$/.test(method)) throw misuse(`${method} is no method`);
    // A tunnel is nothing that a gateway makes of a request; and an answer to HEAD has a length without a body, which another client waits for.
    if (method === 'CONNECT' || (method === 'HEAD' && this.#ctx.req.method !== 'HEAD'))
      throw misuse(`${this.#ctx.req.method} cannot become ${method}`);
    this.#outgoing.method = method;
  }

  get url(): string {
    const { path, query } = this.#outgoing;
    return query === '' ? path : `${path}?${query}`;
  }

  set url(url: string) {
    this.#viewer.mayChange();
    const { path, query } = target(url);
    this.#outgoing.path = path;
    this.#outgoing.query = query;
  }

  get clientAddress(): string {
    return this.#ctx.state.client.address;
  }

  get principal(): FilterPrincipal {
    const { principal } = this.#ctx.state;
    if (principal.kind === 'caller') return { kind: 'caller', name: principal.name };
    // Later requests with the same token have the same scopes, and no set can be frozen.
    return principal.kind === 'user' ? { ...principal, scopes: new Set(principal.scopes) } : principal;
  }

  get params(): Readonly<Record<string, string>> {
    return this.#ctx.state.params;
  }

  body(limit: number): Promise<Buffer | undefined> {
    const { body } = this.#outgoing;
    if (!body) return Promise.resolve(Buffer.alloc(0));
    return body.viewable ? this.#viewer.wait(body.view(bytes(limit))) : Promise.resolve(undefined);
  }
}

/** What the gateway would refuse of a client it does not send to a service. */
function target(url: string): { path: string; query: string } {
  try {
    if (url.startsWith('/')) return canonicalTarget(url);
  } catch (cause) {
    throw misuse(`${url} is no target that a service can be asked for`, { cause });
  }
  throw misuse(`${url} does not begin with a slash`);
}

/** Where the answer is that a view shows. */
export interface Answered {
  /** @throws TypeError while there is none, and when the exchange is over */
  current(): UpstreamResponse;
  replace(status: number, fields: string[], body: Buffer | undefined): void;
}

/** What says of a body what no longer holds for another one. */
const OF_THE_BODY = /^(?:content-(?!type$|language$|location$|security-).*|etag|last-modified|accept-ranges|digest|repr-digest)$/;

/** Answers that have no body (RFC 9110 sections 15.3.5, 15.3.6 and 15.4.5). */
export const isBodiless = (status: number): boolean => status === 204 || status === 205 || status === 304;

export class ResponseView implements FilterResponse {
  readonly headers: HeaderFields;
  readonly #answered: Answered;
  readonly #viewer: Viewer;

  constructor(answered: Answered, viewer: Viewer) {
    this.#answered = answered;
    this.#viewer = viewer;
    this.headers = new HeaderFields(
      () => answered.current().headers,
      () => viewer.mayChange(),
    );
  }

  get status(): number {
    return this.#answered.current().status;
  }

  set status(status: number) {
    this.#viewer.mayChange();
    const answer = changeable(this.#answered.current());
    if (finalStatus(status) === answer.status) return;
    // What is said of the body a 304 spares the client is not true of an answer that has none.
    if (isBodiless(status) || isBodiless(answer.status)) this.#answered.replace(status, withoutBody(answer.headers), undefined);
    else Object.assign(answer, { status, statusText: '' });
  }

  body(limit: number): Promise<Buffer | undefined> {
    return this.#viewer.wait(changeable(this.#answered.current()).view(bytes(limit)));
  }

  setBody(body: string | Uint8Array): void {
    this.#viewer.mayChange();
    const { status, headers } = changeable(this.#answered.current());
    if (typeof body !== 'string' && !(body instanceof Uint8Array)) throw misuse('A body is a text or bytes');
    // What is whole is no part any more.
    this.#answered.replace(status === 206 ? 200 : status, withoutBody(headers), Buffer.from(body as string));
  }
}

export function finalStatus(status: number): number {
  if (!Number.isInteger(status) || status < 200 || status > 599) throw misuse(`${status} is no status of a final answer`);
  return status;
}

/** Once the service has upgraded, the connection speaks another protocol. */
export function changeable(answer: UpstreamResponse): UpstreamResponse {
  if (answer.status === 101) throw misuse('A connection that was upgraded has no answer to read or to change');
  return answer;
}

function withoutBody(fields: readonly string[]): string[] {
  const kept: string[] = [];
  for (let at = 0; at < fields.length; at += 2)
    if (!OF_THE_BODY.test((fields[at] as string).toLowerCase())) kept.push(fields[at] as string, fields[at + 1] as string);
  return kept;
}

function bytes(limit: number): number {
  if (typeof limit !== 'number' || !(limit >= 0)) throw misuse(`${limit} is no limit in bytes`);
  return limit;
}
