/**
 * Runs the filters of a route around all the steps below: pre on the way down, route around the call, post on the way back, error
 * when something failed (Zuul's stages). A failure passes error and then post, as in Zuul, so that what every answer must carry
 * failures carry too; one of a post filter passes error alone, and one of an error filter is told and passed over.
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
import { runner } from './run.ts';
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

export function filters({ chainOf, call, settings, debug, tellsInternals, logger, instruments }: FiltersOptions): Answerer {
  const { clock } = call;
  const debugOf = debugFor(debug, clock);
  const onSlow = slowFilters(settings.slow, clock, logger);
  const run = runner({ clock, logger, timeout: settings.timeout, instruments, onSlow });

  return function filters(ctx, next) {
    const chain = chainOf(ctx.state.route);
    return chain === undefined ? next(ctx) : through(chain, ctx, next);
  };

  async function through(chain: Chain, ctx: Context, next: Answer): Promise<UpstreamResponse> {
    const exchange = new RequestExchange(ctx, call);
    const watched = debugOf(ctx);
    try {
      try {
        await down(chain, exchange, next, watched).finally(() => exchange.leave());
      } catch (error) {
        await fail(asProblem(error), chain, exchange, watched);
      } finally {
        ctx.state.outgoing?.body?.release();
      }
      // What is no answer but a tunnel has nothing to change.
      if (exchange.current().status !== 101) await back(chain, exchange, watched);
      // A filter has made an answer of the failure that is none.
      if (exchange.error && exchange.current().status < 400) ctx.state.problem = undefined;
      return exchange.current();
    } catch (error) {
      exchange.answer?.discard();
      throw error;
    } finally {
      exchange.end();
      watched?.tell(ctx);
    }
  }

  async function down({ pre, route }: Chain, exchange: RequestExchange, next: Answer, watched: Debug | undefined): Promise<void> {
    // Made here, for what fails of it is for the filters too.
    void exchange.outgoing;
    for (const filter of pre) {
      await run(filter, exchange, watched);
      if (exchange.answer) return;
    }
    await around(route, 0, exchange, next, watched);
  }

  /** One route filter around the next, and the steps below in the middle. */
  async function around(
    list: readonly Bound[],
    at: number,
    exchange: RequestExchange,
    next: Answer,
    watched: Debug | undefined,
  ): Promise<void> {
    const filter = list[at];
    if (!filter) return exchange.ask(next);
    let calling: Promise<void> | undefined;
    await run(filter, exchange, watched, () => {
      calling = around(list, at + 1, exchange, next, watched);
      // A filter that has failed meanwhile hears nothing of it.
      calling.catch(() => {});
      return calling;
    });
    // One that has its own answer waits for no other, nor for a failure.
    if (exchange.answer) return;
    await (calling ?? around(list, at + 1, exchange, next, watched));
  }

  async function back({ post, ...chain }: Chain, exchange: RequestExchange, watched: Debug | undefined): Promise<void> {
    try {
      for (const filter of post) await run(filter, exchange, watched);
    } catch (error) {
      // Failures pass the error filters once.
      const wasToldOf = exchange.error !== undefined;
      await fail(asProblem(error), { ...chain, post, ...(wasToldOf ? { error: [] } : {}) }, exchange, watched);
    }
  }

  /** The problem document as the answer, for the filters that see failures; where there are none, it is answered further up. */
  async function fail(problem: Problem, { error, post }: Chain, exchange: RequestExchange, watched: Debug | undefined): Promise<void> {
    if (problem.code === 'client-closed' || error.length + post.length === 0) throw problem;
    exchange.error = problem;
    exchange.ctx.state.problem = problem;
    const { status, fields, body } = problemDocument(exchange.ctx, problem, { name: call.name, tellsInternals });
    exchange.replace(status, fields, Buffer.from(body));
    for (const filter of error) await run(filter, exchange, watched).catch(() => {});
  }
}
