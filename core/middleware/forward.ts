/** The last step: the request goes to its service, and the service's answer to the client. */
import type { ServerResponse } from 'node:http';
import { Http2ServerResponse } from 'node:http2';
import type { FallbackConfig } from '../config/schema/index.ts';
import type { Context, Middleware } from '../context.ts';
import { asProblem, Problem } from '../problem.ts';
import type { Instruments } from '../telemetry/instruments.ts';
import { cancel } from '../upstream/exchange.ts';
import { cannotAnswer, preparedAnswer } from '../upstream/fallback.ts';
import type { UpstreamResponse } from '../upstream/response.ts';
import { hasField, remove } from '../upstream/response-headers.ts';
import type { Service } from '../upstream/service.ts';
import { upgradeHeadOf } from '../upstream/upgrade-head.ts';
import { type ExchangeOptions, newExchange } from './new-exchange.ts';

export interface ForwardOptions extends ExchangeOptions {
  services: ReadonlyMap<string, Service>;
  instruments: Instruments;
}

/** What a service says of its software stays inside. */
const REVEALING = new Set(['server', 'x-powered-by']);

export function forward(options: ForwardOptions): Middleware {
  const { services, edge, name, clock, instruments } = options;
  return async function forward(ctx) {
    const startedAt = clock.now();
    const service = serviceNamed(services, ctx.state.route?.config.service);
    const exchange = newExchange(ctx, service, options);
    const onClose = () => {
      // HTTP/2 finishes what it writes when the client resets a stream: only an answer that we have ended is one.
      if (ctx.res.writableEnded && ctx.res.writableFinished) return;
      cancel(ctx.state.exchange ?? exchange, new Problem('client-closed'));
    };
    ctx.res.on('close', onClose);
    try {
      // What has closed while the steps before were waiting closes no more.
      if (isGone(ctx.res)) throw new Problem('client-closed');
      const fallback = ctx.state.route?.config.fallback;
      const response = await (fallback ? callOrFallBack(ctx, service, fallback, options) : service.call(exchange));
      exchange.body?.release();
      dress(response, ctx, { name, edge, took: clock.now() - startedAt });
      if (response.status === 101) await tunnel(response, ctx, service, instruments);
      else await response.relay(ctx.res, service.config.timeouts.idle);
    } catch (error) {
      exchange.body?.release();
      countFailure(ctx, service, asProblem(error), clock.now());
      throw error;
    }
  };
}

function serviceNamed(services: ReadonlyMap<string, Service>, name = ''): Service {
  const service = services.get(name);
  if (!service) throw new Problem('internal-error', { detail: `There is no service ${name}.` });
  return service;
}

/** What reaches the client as a failure, as Hystrix counts it; who left, or asked wrongly, is none. */
function countFailure({ state: { route } }: Context, { statistics }: Service, { failure }: Problem, now: number): void {
  if (failure.source === 'client') return;
  statistics.count('exceptionThrown', now);
  if (!route?.config.fallback) statistics.count('fallbackMissing', now);
}

/** Asks the service; when it cannot answer, what the route has for that. */
async function callOrFallBack(
  ctx: Context,
  service: Service,
  fallback: FallbackConfig,
  options: ForwardOptions,
): Promise<UpstreamResponse> {
  const { exchange } = ctx.state;
  if (!exchange) throw new Problem('internal-error');
  const came = await service.call(exchange).catch(asProblem);
  const other = fallback.service === undefined ? undefined : serviceNamed(options.services, fallback.service);
  // Another service needs the whole request.
  const possible = !other || !exchange.body || exchange.body.replayable;
  if (!cannotAnswer(came) || !possible || exchange.cancelled) {
    if (came instanceof Problem) throw came;
    return came;
  }
  if (!(came instanceof Problem)) came.discard();
  const count = (event: 'fallbackSuccess' | 'fallbackFailure') => service.statistics.count(event, options.clock.now());
  if (!other) {
    count('fallbackSuccess');
    return preparedAnswer(fallback);
  }
  const answer = other.call(newExchange(ctx, other, options));
  answer.then(
    (response) => count(cannotAnswer(response) ? 'fallbackFailure' : 'fallbackSuccess'),
    () => count('fallbackFailure'),
  );
  return answer;
}

/** An answer over HTTP/2 has no `destroyed` of its own. */
function isGone(res: ServerResponse): boolean {
  return res instanceof Http2ServerResponse ? res.stream.destroyed : res.destroyed;
}

/** Puts the gateway's own fields on the service's answer; where both have one, the gateway's stands. */
function dress(response: UpstreamResponse, ctx: Context, { name, edge, took }: { name: string; edge: boolean; took: number }): void {
  const { answer, withheld } = ctx.state;
  const isOurs = (field: string) => field !== 'vary' && hasField(answer, field);
  remove(response.headers, (field) => isOurs(field) || withheld?.has(field) === true || (edge && REVEALING.has(field)));
  response.headers.push(...answer, 'Via', `1.1 ${name}`);
  if (!edge) response.headers.push('Server-Timing', `upstream;dur=${took.toFixed(1)}`);
  // What came as an upgrade left the parser for good: after an ordinary answer the connection carries nothing more.
  if (upgradeHeadOf(ctx.req) && response.status !== 101) response.headers.push('Connection', 'close');
}

async function tunnel(response: UpstreamResponse, ctx: Context, service: Service, instruments: Instruments): Promise<void> {
  const leave = instruments.activeWebSockets.enter();
  try {
    await response.relay(ctx.res, service.config.timeouts.idle);
  } finally {
    leave();
  }
}
