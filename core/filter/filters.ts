/**
 * Runs the filters of a route around all the steps below: pre on the way down, route around the call, post on the way back, error
 * when something failed (Zuul's stages). A failure passes error and then post, as in Zuul, so that what every answer must carry
 * failures carry too.
 */
import type { FilterSettings } from '../config/schema/index.ts';
import type { Answer, Answerer, Context } from '../context.ts';
import type { CallOptions } from '../middleware/new-exchange.ts';
import { problemDocument } from '../middleware/problems.ts';
import { asProblem, type Problem } from '../problem.ts';
import type { Instruments } from '../telemetry/instruments.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { UpstreamResponse } from '../upstream/response.ts';
import type { Bound, Chain } from './chain.ts';
import type { ChainOf } from './chains.ts';
import { type Debug, debugFor } from './debug.ts';
import { RequestExchange } from './exchange.ts';
import { run } from './run.ts';
import { slowFilters } from './slow.ts';

export interface FiltersOptions {
  readonly chainOf: ChainOf;
  readonly call: CallOptions;
  readonly settings: FilterSettings;
  /** Who may ask which filters ran. */
  readonly debug: readonly string[];
  readonly tellsInternals: boolean;
  readonly logger: Logger;
  readonly instruments: Instruments;
}

export function filters(options: FiltersOptions): Answerer {
  const { chainOf, call, settings, logger, instruments } = options;
  const debugOf = debugFor(options.debug, call.clock);
  const onSlow = slowFilters(settings.slow, call.clock, logger);
  const parts = {
    clock: call.clock,
    settings,
    onRun({ name, stage }: Bound, seconds: number, failure: unknown) {
      instruments.filterDuration.record(seconds, { 'gateway.filter.name': name, 'gateway.filter.stage': stage });
      onSlow(name, stage, seconds * 1000);
      if (failure === undefined) return;
      instruments.filterFailures.add(1, { 'gateway.filter.name': name });
      logger.error({ event: 'filter-failed', filter: name, stage, err: failure });
    },
  };

  const runAll = async (list: readonly Bound[], exchange: RequestExchange, debug: Debug | undefined): Promise<void> => {
    for (const filter of list) {
      exchange.log = logFor(filter, exchange.ctx, logger);
      const took = await run(filter, exchange, parts);
      debug?.ran(filter, took);
      if (exchange.answer && filter.stage === 'pre') return;
    }
  };

  /** One route filter around the next, and the steps below in the middle. */
  const around = async (list: readonly Bound[], exchange: RequestExchange, next: Answer, debug: Debug | undefined): Promise<void> => {
    const [filter, ...inner] = list;
    if (!filter) {
      exchange.answer = await next(exchange.ctx);
      return;
    }
    let called = false;
    exchange.call = () => {
      called = true;
      exchange.call = undefined;
      return around(inner, exchange, next, debug);
    };
    exchange.log = logFor(filter, exchange.ctx, logger);
    const took = await run(filter, exchange, parts);
    debug?.ran(filter, took);
    exchange.call = undefined;
    if (!called && !exchange.answer) await around(inner, exchange, next, debug);
  };

  const through = async (chain: Chain, ctx: Context, next: Answer): Promise<UpstreamResponse> => {
    const debug = debugOf(ctx);
    const exchange = new RequestExchange(ctx, call, logger);
    try {
      await runAll(chain.pre, exchange, debug);
      if (!exchange.answer) await around(chain.route, exchange, next, debug);
    } catch (error) {
      standIn(exchange, asProblem(error), chain, options);
      await runAll(chain.error, exchange, debug).catch((failure) => abandon(exchange, failure));
    } finally {
      exchange.outgoing.body?.release();
    }
    // What is no answer but a tunnel has nothing to change.
    if (exchange.answer?.status !== 101) await runAll(chain.post, exchange, debug).catch((failure) => abandon(exchange, failure));
    const { answer } = exchange;
    if (!answer) throw new TypeError('No answer came of a request');
    debug?.tell(answer);
    return answer;
  };

  return function filters(ctx, next) {
    const chain = chainOf(ctx.state.route);
    return chain === undefined ? next(ctx) : through(chain, ctx, next);
  };
}

/** The problem document as the answer, for the filters that see failures; where there are none, it is answered further up. */
function standIn(exchange: RequestExchange, problem: Problem, { error, post }: Chain, { call, tellsInternals }: FiltersOptions): void {
  exchange.answer?.discard();
  exchange.answer = undefined;
  if (problem.code === 'client-closed' || error.length + post.length === 0) throw problem;
  exchange.error = problem;
  exchange.ctx.state.problem = problem;
  const { status, fields, body } = problemDocument(exchange.ctx, problem, { name: call.name, tellsInternals });
  exchange.replace(status, fields, Buffer.from(body));
}

function abandon(exchange: RequestExchange, failure: unknown): never {
  exchange.answer?.discard();
  throw failure;
}

function logFor({ name, foreign }: Bound, { state }: Context, logger: Logger): RequestExchange['log'] {
  return foreign ? logger.child({ event: 'filter', filter: name, requestId: state.requestId, route: state.route?.name }) : logger;
}
