/** What a request carries through a pipeline (`ctx.state`), and the `Middleware` type that both gateways are written in. */
import type { Span, Context as TraceContext } from '@opentelemetry/api';
import type Koa from 'koa';
import type { CacheResult } from './cache/status.ts';
import type { Chain } from './chain.ts';
import type { Client, Principal } from './identity.ts';
import type { Problem } from './problem.ts';
import type { CanonicalTarget } from './routing/canonical-path.ts';
import type { Route } from './routing/route.ts';
import type { Exchange } from './upstream/exchange.ts';
import type { Outgoing } from './upstream/outgoing.ts';
import type { UpstreamResponse } from './upstream/response.ts';

export interface State {
  /** When it came, by the monotonic clock, in milliseconds. */
  startedAt: number;
  requestId: string;
  client: Client;
  span: Span;
  trace: TraceContext;
  target: CanonicalTarget;
  /** Lower case, without a port: what routes match on. */
  host: string;
  route: Route | undefined;
  params: Readonly<Record<string, string>>;
  principal: Principal;
  /** Header fields of the gateway's own for whatever answer is written: name, value, name, value. */
  answer: string[];
  /** Names, in lower case, that only the gateway may put on the answer: dropped from a service's. */
  withheld: ReadonlySet<string> | undefined;
  /** Set when the request failed: what the observers at the top read. */
  problem: Problem | undefined;
  /** What the service will be asked, once a step wanted to know. */
  outgoing: Outgoing | undefined;
  /** What became of each part of the answer, for a route that is made of parts. */
  parts: readonly PartReport[] | undefined;
  /** The call to the service, once one was made: its attempts, times and bytes. */
  exchange: Exchange | undefined;
  /** The body that was written for an answer. */
  sent: { readonly bytes: number } | undefined;
  /** Called when the request has become an open tunnel. */
  onTunnel: (() => void) | undefined;
  /** What the cache did, on a route that has one. */
  cache: CacheResult | undefined;
  /** Whether the request is the gateway's own, made for a client that has its answer already: nobody waits, nobody leaves. */
  background: boolean | undefined;
  /** Whether a stored answer stands in when the service cannot answer: no fallback then. */
  standIn: boolean | undefined;
  /** Milliseconds that it waited for another's call. */
  waited: number | undefined;
  /** Seconds for which parts of the answer are fresh, where other parts do not say. */
  freshAtMost: number | undefined;
  /** Whether the answer only stands in for one that a service could not give: it is not stored. */
  makeshift: boolean | undefined;
  /** What the steps that watch will do when it is over. */
  finishing: Finishing | undefined;
}

/** All of it at once: an object that grew step by step would be copied each time, at every request. */
export function newState(startedAt: number): State {
  const state: { [Name in keyof State]: State[Name] | undefined } = {
    startedAt,
    requestId: undefined,
    client: undefined,
    span: undefined,
    trace: undefined,
    target: undefined,
    host: undefined,
    route: undefined,
    params: undefined,
    principal: undefined,
    answer: undefined,
    withheld: undefined,
    problem: undefined,
    outgoing: undefined,
    parts: undefined,
    exchange: undefined,
    sent: undefined,
    onTunnel: undefined,
    cache: undefined,
    background: undefined,
    standIn: undefined,
    waited: undefined,
    freshAtMost: undefined,
    makeshift: undefined,
    finishing: undefined,
  };
  return state as State;
}

/** The steps that watch one promise (middleware/afterwards.ts), from the lowest to the highest. */
export interface Finishing {
  readonly answered: Promise<void>;
  readonly steps: Chain<() => void>;
}

export interface PartReport {
  readonly name: string;
  /** `success`, a status, or the code of a problem. */
  readonly outcome: string;
  readonly milliseconds: number;
}

export type { Client, Principal } from './identity.ts';

export type Context = Koa.ParameterizedContext<State>;
export type Middleware = Koa.Middleware<State>;

export type Answer = (ctx: Context) => Promise<UpstreamResponse>;
/** A step below `respond`: it gives back an answer, its own or that of the steps below it, and writes nothing. */
export type Answerer = (ctx: Context, next: Answer) => Promise<UpstreamResponse>;
