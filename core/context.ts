/** What a request carries through a pipeline (`ctx.state`), and the `Middleware` type that both gateways are written in. */
import type { Context as TraceContext, Span } from '@opentelemetry/api';
import type Koa from 'koa';
import type { Problem } from './problem.ts';
import type { CanonicalTarget } from './routing/canonical-path.ts';
import type { Route } from './routing/route.ts';
import type { Exchange } from './upstream/exchange.ts';

/** Who is asking, once a gateway has established it. */
export type Principal =
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'user'; readonly subject: string; readonly claims: Readonly<Record<string, unknown>>; readonly scopes: ReadonlySet<string> }
  | { readonly kind: 'caller'; readonly name: string; readonly rateLimit: { readonly limit: number; readonly windowMs: number } | undefined };

/** The client as the outermost trusted hop saw it, and the peer that holds the connection. */
export interface Client {
  readonly address: string;
  readonly scheme: 'http' | 'https';
  /** The host the client asked for, as it wrote it (`example.com:8080`), valid by RFC 9110 section 7.2. */
  readonly host: string;
  readonly peer: string;
  /** Whether the peer is a trusted proxy, so that what it says of others is believed. */
  readonly trusted: boolean;
}

export interface State {
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
  /** Set when the request failed: what the observers at the top read. */
  problem: Problem | undefined;
  /** The call to the service, once one was made: its attempts, times and bytes. */
  exchange: Exchange | undefined;
  /** Set on a protocol upgrade: the bytes that came behind the request head. */
  upgradeHead: Buffer | undefined;
}

export type Context = Koa.ParameterizedContext<State>;
export type Middleware = Koa.Middleware<State>;
