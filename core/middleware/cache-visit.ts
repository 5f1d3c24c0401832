/** A request at the cache: what it asks for, and under which key the answer to it stands. */
import { type RequestDirectives, requestDirectives } from '../cache/directives.ts';
import { type CacheRule, whoAsks } from '../cache/rule.ts';
import { selection } from '../cache/vary.ts';
import type { Answer, Context } from '../context.ts';
import { listOf } from '../upstream/fields.ts';
import type { Outgoing } from '../upstream/outgoing.ts';
import { without } from '../upstream/response-headers.ts';

export interface Visit {
  readonly ctx: Context;
  readonly next: Answer;
  readonly rule: CacheRule;
  readonly outgoing: Outgoing;
  /** The fields that the service would get, as they were before the cache asked for what it needs. */
  readonly fields: readonly string[];
  readonly asked: RequestDirectives;
  /** Whether it comes with credentials, whichever they are (RFC 9111 section 3.5). */
  readonly authorized: boolean;
  readonly route: string;
  readonly resource: string;
  readonly query: string;
  /** The whole key under a list of selecting names. */
  readonly keyFor: (names: readonly string[]) => string;
}

const HEEDLESS = requestDirectives(undefined);

export function visitOf(ctx: Context, next: Answer, rule: CacheRule, outgoing: Outgoing): Visit {
  const { state, req } = ctx;
  const { headers: fields, service, path } = outgoing;
  const route = state.route?.name ?? '';
  const query = rule.query(outgoing.query);
  const selecting = [...fields, ...whoAsks(state.principal)];
  // All that a service may build its answer from without being able to say so in Vary.
  const resource = resourceOf(state.client.host, state.target.path);
  const { host, scheme, trusted } = state.client;
  const prefix = trusted ? (listOf(fields, 'x-forwarded-prefix') ?? '') : '';
  const base = [route, scheme, prefix, host + state.target.path, service?.name ?? '', `${path}?${query}`, ''].join('\n');
  return {
    ctx,
    next,
    rule,
    outgoing,
    fields,
    asked: rule.clientDirectives ? requestDirectives(listOf(fields, 'cache-control'), listOf(fields, 'pragma')) : HEEDLESS,
    authorized: state.principal.kind === 'user' || req.headers.authorization !== undefined || listOf(fields, 'authorization') !== undefined,
    route,
    resource,
    query: rule.query(state.target.query),
    keyFor: (names) => base + selection(names, selecting),
  };
}

/** What an unsafe request makes void: a host and a path, with whatever query and scheme. */
export function resourceOf(host: string, path: string): string {
  return host.toLowerCase().replace(/\.?(?::(?:80|443))?$/, '') + path;
}

const OF_ONE_CLIENT = new Set(['range', 'if-range', 'cache-control', 'pragma']);

/** The same request as the gateway's own: whoever came with it has left, or leaves when he likes. */
export function behind({ ctx, next, rule, outgoing, fields }: Visit): Visit {
  const own = Object.create(ctx) as Context;
  const request = { ...outgoing, method: 'GET', headers: without(fields, (name) => OF_ONE_CLIENT.has(name)) };
  own.state = { ...ctx.state, outgoing: request, exchange: undefined, problem: undefined, answer: [], background: true };
  return visitOf(own, next, rule, request);
}
