/** An exchange whose transport is a function, for layers that know nothing of sockets. */
import { Attempt, type Exchange } from '../../../core/upstream/exchange.ts';
import type { RequestBody } from '../../../core/upstream/request-body.ts';
import { UpstreamResponse } from '../../../core/upstream/response.ts';

export function anExchange(more: Partial<Exchange> = {}): Exchange {
  return {
    method: 'GET',
    path: '/',
    headers: [],
    host: null,
    body: undefined,
    req: { headers: {} },
    res: {},
    upgrade: undefined,
    trace: {},
    service: 'orders',
    from: 'anonymous',
    scheme: 'http',
    priority: 'normal',
    hashKey: undefined,
    stuckTo: undefined,
    attemptsAbove: undefined,
    timeLeft: Number.POSITIVE_INFINITY,
    expiresAt: Number.POSITIVE_INFINITY,
    announced: undefined,
    attempts: [],
    deadlineAt: Number.POSITIVE_INFINITY,
    cancelled: undefined,
    ...more,
  } as unknown as Exchange;
}

export const anAttempt = (exchange: Exchange = anExchange()): Attempt => new Attempt(exchange, 0);

/** As much of an upload as the layers look at. */
export const aBody = (begun = false, replayable = !begun): RequestBody => ({ begun, replayable }) as RequestBody;

export function aResponse(status = 200): UpstreamResponse {
  const response = new UpstreamResponse(status, '', [], { pause() {}, resume() {}, abort() {} });
  response.complete([]);
  return response;
}

/** A transport that is under way until the attempt is aborted. */
export const silence = (attempt: Attempt): Promise<UpstreamResponse> => new Promise((_, reject) => attempt.whenAborted(reject));
