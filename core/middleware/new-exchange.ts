/** A call to a service for a request, made from what the steps before have found out. */
import type { Clock, Random } from '../clock.ts';
import type { LimitsConfig } from '../config/schema/index.ts';
import type { Context } from '../context.ts';
import type { Holds } from '../holds.ts';
import type { ClientFacts } from '../upstream/affinity.ts';
import type { Exchange } from '../upstream/exchange.ts';
import type { Outgoing } from '../upstream/outgoing.ts';
import type { RequestHeaderOptions } from '../upstream/request-headers.ts';
import type { Sendable } from '../upstream/sendable.ts';
import type { Service } from '../upstream/service.ts';
import { ATTEMPTS, TIME_LEFT } from '../upstream/timeout.ts';
import { upgradeHeadOf } from '../upstream/upgrade-head.ts';

/** What every call to a service is made with. */
export interface CallOptions extends RequestHeaderOptions {
  services: ReadonlyMap<string, Service>;
  /** How large a request body may be, and how long it may take. */
  limits: Pick<LimitsConfig, 'body' | 'requestTimeout'>;
  clock: Clock;
  random: Random;
  /** Held by what goes on behind the answer. */
  holds: Holds;
}

/** Of what is asked, all that goes on the wire. */
export type Asked = Pick<Outgoing, 'method' | 'path' | 'query' | 'headers'> & { readonly body: Sendable | undefined };

/** Gateways tell one another how long is left and who tries again; at the edge, anybody could say so. */
export function believes({ state }: Context, { edge }: Pick<CallOptions, 'edge'>): boolean {
  return !edge || state.client.trusted;
}

/** Milliseconds for which the caller waits, as it said; Infinity when it did not. */
export function callerPatience(ctx: Context, options: Pick<CallOptions, 'edge'>): number {
  const { req, state } = ctx;
  if (state.background || !believes(ctx, options)) return Number.POSITIVE_INFINITY;
  return timeLeft(req.headers[TIME_LEFT]) - (state.waited ?? 0);
}

/** What a client is known again by. */
export function factsOf({ req, state: { principal, client } }: Context): ClientFacts {
  return { headers: req.headers, claims: principal.kind === 'user' ? principal.claims : {}, address: client.address };
}

/** What a gateway before this one said of its tries, where it will try again. */
export function attemptsOfCaller(ctx: Context, options: Pick<CallOptions, 'edge'>): string | undefined {
  return believes(ctx, options) ? attemptsAbove(ctx.req.headers[ATTEMPTS]) : undefined;
}

export function newExchange(ctx: Context, service: Service, asked: Asked, options: CallOptions): Exchange {
  const { state, req, res } = ctx;
  const { route, principal, client } = state;
  const upgradeHead = upgradeHeadOf(req);
  const upgrades = upgradeHead !== undefined && route?.config.upgrade?.includes('websocket') === true;
  const facts = factsOf(ctx);
  const above = attemptsOfCaller(ctx, options);
  return {
    method: asked.method,
    path: asked.query === '' ? asked.path : `${asked.path}?${asked.query}`,
    headers: asked.headers,
    host: service.config.host === 'preserve' && client.host !== '' ? client.host : null,
    body: asked.body,
    req,
    res,
    interim: !state.background,
    upgrade: upgrades ? { protocol: 'websocket', head: upgradeHead } : undefined,
    trace: state.trace,
    service: service.name,
    from: principal.kind === 'caller' ? principal.name : principal.kind === 'user' ? 'users' : 'anonymous',
    scheme: client.scheme,
    priority: state.background ? 'background' : (route?.config.priority ?? 'normal'),
    hashKey: service.affinity.hashKey(facts),
    stuckTo: service.affinity.stuckTo(facts),
    attemptsAbove: above,
    announced: above,
    timeLeft: state.exchange ? stillLeft(state.exchange, options.clock) : callerPatience(ctx, options),
    attempts: [],
    deadlineAt: Number.POSITIVE_INFINITY,
    expiresAt: Number.POSITIVE_INFINITY,
    cancelled: undefined,
    onSent: undefined,
    onCancelled: undefined,
  };
}

/** `2/3`, the second of at most three tries; of one that is the only one there is nothing to say. */
function attemptsAbove(field: string | string[] | undefined): string | undefined {
  if (typeof field !== 'string') return undefined;
  const [, most = '1'] = /^\d{1,2}\/(\d{1,2})$/.exec(field) ?? [];
  return Number(most) > 1 ? field : undefined;
}

/** For another call for the same request: the caller's patience counts from the whole request, which may still be on its way. */
function stillLeft({ onSent, timeLeft, expiresAt }: Exchange, clock: Clock): number {
  return onSent ? timeLeft : expiresAt - clock.now();
}

/** A value that is no number of milliseconds was not said by a gateway. */
function timeLeft(field: string | string[] | undefined): number {
  return typeof field === 'string' && /^\d{1,9}$/.test(field) ? Number(field) : Number.POSITIVE_INFINITY;
}
