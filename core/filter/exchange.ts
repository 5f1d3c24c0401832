/** A request and its answer as filters see them. What is built in has the rest at hand too. */
import type { Context } from '../context.ts';
import type { CallOptions } from '../middleware/new-exchange.ts';
import { outgoingOf } from '../middleware/outgoing.ts';
import type { Problem } from '../problem.ts';
import { canonicalTarget } from '../routing/canonical-path.ts';
import type { Outgoing } from '../upstream/outgoing.ts';
import { UpstreamResponse } from '../upstream/response.ts';
import { without } from '../upstream/response-headers.ts';
import type { FilterExchange, FilterLog, FilterRequest, FilterResponse } from './filter.ts';
import { headersOf } from './headers.ts';

/** What says of a body what no longer holds for another one. */
const OF_THE_BODY = /^(?:content-(?!type$|language$|location$|security-).*|etag|last-modified|accept-ranges|digest|repr-digest)$/;

export class RequestExchange implements FilterExchange {
  readonly ctx: Context;
  readonly outgoing: Outgoing;
  readonly request: FilterRequest;
  readonly state = new Map<unknown, unknown>();
  /** The answer so far. */
  answer: UpstreamResponse | undefined;
  error: Problem | undefined;
  /** Of the filter that is running. */
  log: FilterLog;
  /** Set while a route filter runs. */
  call: (() => Promise<void>) | undefined;
  readonly #response: FilterResponse;

  constructor(ctx: Context, options: CallOptions, log: FilterLog) {
    this.ctx = ctx;
    this.log = log;
    this.outgoing = outgoingOf(ctx, options);
    this.request = requestOf(ctx, this.outgoing);
    this.#response = responseOf(this);
  }

  get route(): { readonly name: string } {
    return { name: this.ctx.state.route?.name ?? '' };
  }

  get service(): string | undefined {
    return this.outgoing.service?.name;
  }

  get response(): FilterResponse {
    if (!this.answer) throw new TypeError('There is no response yet: it is there in stages post and error, and in route behind next()');
    return this.#response;
  }

  respond(status: number, headers: Readonly<Record<string, string>> = {}, body?: unknown): void {
    if (!Number.isInteger(status) || status < 200 || status > 599) throw new TypeError(`${status} is no status of a final answer`);
    const fields: string[] = [];
    const named = headersOf(() => fields);
    for (const [name, value] of Object.entries(headers)) named.set(name, String(value));
    const isText = typeof body === 'string';
    const bytes =
      body === undefined ? undefined : isText || body instanceof Uint8Array ? Buffer.from(body) : Buffer.from(JSON.stringify(body));
    if (bytes && !named.has('content-type') && !(body instanceof Uint8Array))
      fields.push('Content-Type', isText ? 'text/plain; charset=utf-8' : 'application/json');
    this.replace(status, fields, bytes);
  }

  /** Puts a whole answer in the place of the one so far, whose connection is given up unless it was read. */
  replace(status: number, fields: string[], body: Buffer | undefined): void {
    const bodiless = status === 204 || status === 205 || status === 304;
    if (!bodiless) fields.push('Content-Length', String(body?.length ?? 0));
    this.answer?.discard();
    this.answer = UpstreamResponse.whole(status, fields, bodiless ? undefined : body);
  }

  async next(): Promise<FilterResponse> {
    if (!this.call) throw new TypeError('next() is for stage route, once');
    await this.call();
    return this.response;
  }
}

function requestOf({ state }: Context, outgoing: Outgoing): FilterRequest {
  const { kind } = state.principal;
  return {
    get method() {
      return outgoing.method;
    },
    set method(method) {
      if (!/^[!#$%&'*+.^_`|~\dA-Za-z-]+$/.test(method)) throw new TypeError(`${method} is no method`);
      outgoing.method = method;
    },
    get url() {
      return outgoing.query === '' ? outgoing.path : `${outgoing.path}?${outgoing.query}`;
    },
    set url(url) {
      const { path, query } = target(url);
      outgoing.path = path;
      outgoing.query = query;
    },
    headers: headersOf(() => outgoing.headers),
    clientAddress: state.client.address,
    principal: kind === 'caller' ? { kind, name: state.principal.name } : state.principal,
    params: state.params,
    body: async (limit) => (outgoing.body ? outgoing.body.view(limit) : Buffer.alloc(0)),
  };
}

/** What the gateway would refuse of a client it does not send to a service. */
function target(url: string): { path: string; query: string } {
  try {
    if (url.startsWith('/')) return canonicalTarget(url);
  } catch (cause) {
    throw new TypeError(`${url} is no target that a service can be asked for`, { cause });
  }
  throw new TypeError(`${url} does not begin with a slash`);
}

function responseOf(exchange: RequestExchange): FilterResponse {
  const current = (): UpstreamResponse => {
    if (!exchange.answer) throw new TypeError('There is no response yet');
    return exchange.answer;
  };
  return {
    get status() {
      return current().status;
    },
    set status(status) {
      if (!Number.isInteger(status) || status < 200 || status > 599) throw new TypeError(`${status} is no status of a final answer`);
      current().status = status;
    },
    headers: headersOf(() => current().headers),
    body: (limit) => current().view(limit),
    setBody(body) {
      const { status, headers } = current();
      exchange.replace(
        status,
        without(headers, (name) => OF_THE_BODY.test(name)),
        Buffer.from(body as string),
      );
    },
  };
}
