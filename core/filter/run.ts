/** Runs one filter: what it throws, or does not end, fails its request alone; how long it took is known. */
import type { Clock } from '../clock.ts';
import type { FilterSettings } from '../config/schema/index.ts';
import { Problem } from '../problem.ts';
import type { Bound } from './chain.ts';
import type { RequestExchange } from './exchange.ts';

export interface RunParts {
  readonly clock: Clock;
  readonly settings: FilterSettings;
  /** Told of every run of a user's filter. @param seconds without the call to the service */
  onRun(filter: Bound, seconds: number, failure: unknown): void;
}

/** @returns milliseconds, without those in which the filter waited for the service */
export async function run(filter: Bound, exchange: RequestExchange, parts: RunParts): Promise<number> {
  const { clock } = parts;
  const startedAt = clock.now();
  let away = 0;
  let failure: unknown;
  try {
    const running = filter.run(exchange);
    if (running) {
      const patience = new Patience(parts.settings.timeout, filter.name);
      const { call } = exchange;
      if (call) {
        exchange.call = async () => {
          const since = clock.now();
          patience.pause();
          await call();
          patience.resume();
          away += clock.now() - since;
        };
      }
      await Promise.race([running, patience.over]);
      patience.pause();
    }
  } catch (error) {
    failure = error;
  }
  const took = clock.now() - startedAt - away;
  if (filter.foreign) parts.onRun(filter, took / 1000, failure);
  if (failure !== undefined) throw failed(filter, failure);
  return took;
}

/** A problem that the service or the client has, which passed through a filter, stays what it is. */
function failed({ name }: Bound, error: unknown): Problem {
  if (error instanceof Problem) return error;
  return new Problem('filter-failed', { detail: `The filter ${name} failed.`, cause: error });
}

/** A timer that does not run while the service is called. */
class Patience {
  readonly over: Promise<never>;
  readonly #milliseconds: number;
  readonly #give: (error: Error) => void;
  readonly #name: string;
  #timer: NodeJS.Timeout | undefined;

  constructor(milliseconds: number, name: string) {
    const { promise, reject } = Promise.withResolvers<never>();
    this.over = promise;
    // Nobody may be left to hear it.
    promise.catch(() => {});
    this.#give = reject;
    this.#milliseconds = milliseconds;
    this.#name = name;
    this.resume();
  }

  pause(): void {
    clearTimeout(this.#timer);
  }

  resume(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(
      () => this.#give(new Error(`${this.#name} took longer than ${this.#milliseconds} ms`)),
      this.#milliseconds,
    ).unref();
  }
}
