/** A request and its answer for filters, without sockets. */
import { systemClock } from '../../../core/clock.ts';
import type { Context } from '../../../core/context.ts';
import { RequestExchange } from '../../../core/filter/exchange.ts';
import { uncounted } from '../../../core/holds.ts';
import type { CallOptions } from '../../../core/middleware/new-exchange.ts';
import type { Outgoing } from '../../../core/upstream/outgoing.ts';
import { UpstreamResponse } from '../../../core/upstream/response.ts';

export interface Given {
  /** Of the client's request. */
  method?: string;
  headers?: Readonly<Record<string, string>>;
  state?: object;
  outgoing?: Partial<Outgoing>;
  /** The answer so far: status, flat fields, body. */
  answer?: readonly [number, string[], string?];
}

export const callOptions = (more: Partial<CallOptions> = {}): CallOptions => ({
  name: 'test-gateway',
  edge: true,
  services: new Map(),
  limits: { body: 1_000_000, requestTimeout: 60_000 },
  clock: systemClock,
  random: () => 0,
  holds: uncounted,
  ...more,
});

export function anExchange({ method = 'GET', headers = {}, state = {}, outgoing = {}, answer }: Given = {}): RequestExchange {
  const ctx = {
    req: { method, headers },
    res: {},
    state: {
      requestId: 'r1',
      route: { name: 'orders' },
      params: {},
      principal: { kind: 'anonymous' },
      client: { address: '192.0.2.1', scheme: 'https', host: 'shop.example' },
      answer: [],
      target: { path: '/orders', query: '' },
      outgoing: { service: undefined, method, path: '/orders', query: '', headers: [], body: undefined, ...outgoing },
      ...state,
    },
  } as unknown as Context;
  const exchange = new RequestExchange(ctx, callOptions());
  if (answer) exchange.answer = anAnswer(...answer);
  return exchange;
}

export const anAnswer = (status = 200, headers: string[] = [], body?: string): UpstreamResponse =>
  UpstreamResponse.whole(status, headers, body === undefined ? undefined : Buffer.from(body));
