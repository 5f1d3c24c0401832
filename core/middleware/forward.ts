/** The last step: the request goes to its service; when that cannot answer, what the route has for it stands in. */
import { unconditional } from '../cache/validation.ts';
import type { Clock } from '../clock.ts';
import type { FallbackConfig } from '../config/schema/index.ts';
import type { Answerer, Context } from '../context.ts';
import { asProblem, Problem } from '../problem.ts';
import { cannotAnswer, preparedAnswer } from '../upstream/fallback.ts';
import type { Outgoing } from '../upstream/outgoing.ts';
import type { UpstreamResponse } from '../upstream/response.ts';
import type { Service } from '../upstream/service.ts';
import { callService } from './call-service.ts';
import { type CallOptions, newExchange } from './new-exchange.ts';
import { outgoingOf, serviceNamed } from './outgoing.ts';
import { countFailure } from './respond.ts';

export function forward(options: CallOptions): Answerer {
  const { clock } = options;
  return function forward(ctx) {
    try {
      const outgoing = outgoingOf(ctx, options);
      const { service } = outgoing;
      if (!service) throw new Problem('internal-error', { detail: 'No service is named.' });
      const fallback = ctx.state.standIn ? undefined : ctx.state.route?.config.fallback;
      const answer = fallback ? callOrFallBack(ctx, service, outgoing, fallback, options) : call(ctx, service, outgoing, options);
      return settling(answer, ctx, service, outgoing, clock);
    } catch (error) {
      return Promise.reject(error);
    }
  };
}

/** What is done when it has settled. @returns the answer itself: a function that is asynchronous would make two more promises at every request */
function settling(
  answer: Promise<UpstreamResponse>,
  ctx: Context,
  service: Service,
  { body }: Outgoing,
  clock: Clock,
): Promise<UpstreamResponse> {
  answer.then(
    () => body?.release(),
    (error) => {
      body?.release();
      countFailure(ctx, service, asProblem(error), clock.now());
    },
  );
  return answer;
}

/** Throws nothing at once: what fails is let go and counted in any case. */
function call(ctx: Context, service: Service, outgoing: Outgoing, options: CallOptions): Promise<UpstreamResponse> {
  try {
    const exchange = newExchange(ctx, service, outgoing, options);
    ctx.state.exchange = exchange;
    return callService(ctx, service, exchange);
  } catch (error) {
    return Promise.reject(error);
  }
}

/** Asks the service; when it cannot answer, what the route has for that. */
async function callOrFallBack(
  ctx: Context,
  service: Service,
  outgoing: Outgoing,
  fallback: FallbackConfig,
  options: CallOptions,
): Promise<UpstreamResponse> {
  const { body } = outgoing;
  const came = await call(ctx, service, outgoing, options).catch(asProblem);
  const other = fallback.service === undefined ? undefined : serviceNamed(options.services, fallback.service);
  // Another service needs the whole request.
  const possible = !other || !body || body.replayable;
  if (!cannotAnswer(came) || !possible || ctx.state.exchange?.cancelled) {
    if (came instanceof Problem) throw came;
    return came;
  }
  if (!(came instanceof Problem)) came.discard();
  ctx.state.makeshift = true;
  const count = (event: 'fallbackSuccess' | 'fallbackFailure') => service.statistics.count(event, options.clock.now());
  if (!other) {
    count('fallbackSuccess');
    return preparedAnswer(fallback);
  }
  // It has no say on what the other has said before.
  const answer = call(ctx, other, { ...outgoing, headers: unconditional(outgoing.headers) }, options);
  answer.then(
    (response) => count(cannotAnswer(response) ? 'fallbackFailure' : 'fallbackSuccess'),
    () => count('fallbackFailure'),
  );
  return answer;
}
