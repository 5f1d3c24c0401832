/** How busy services were in the last two minutes: what a page that has just been opened draws its lines from. */
import type { JsonObject } from './state-change.ts';

/** Milliseconds between two samples, and how many there are. */
export const EVERY = 2_000;
export const SAMPLES = 60;

/** Calls and failures a second. */
export interface Sample {
  readonly rate: number;
  readonly failures: number;
}

interface Line {
  readonly rates: number[];
  readonly failures: number[];
}

export class History {
  readonly #lines = new Map<string, Line>();
  #until = 0;

  /** One look at all of them; those that are not among them are forgotten. @param at milliseconds since 1970 */
  record(at: number, services: Iterable<readonly [string, Sample]>): void {
    // After a pause the samples would no longer be as far apart as they are said to be.
    if (at - this.#until > 2 * EVERY) this.#lines.clear();
    this.#until = at;
    const seen = new Set<string>();
    for (const [name, { rate, failures }] of services) {
      seen.add(name);
      const line = this.#lines.get(name) ?? { rates: [], failures: [] };
      this.#lines.set(name, line);
      push(line.rates, rate);
      push(line.failures, failures);
    }
    for (const name of this.#lines.keys()) if (!seen.has(name)) this.#lines.delete(name);
  }

  /** As another one reported it; what is no report is an empty one. */
  static of(report: unknown): History {
    const history = new History();
    const { until, services } = (report ?? {}) as { until?: unknown; services?: unknown };
    if (typeof until !== 'number' || typeof services !== 'object' || services === null) return history;
    history.#until = until;
    for (const [name, line] of Object.entries(services)) {
      const { rates, failures } = (line ?? {}) as { rates?: unknown; failures?: unknown };
      history.#lines.set(name, { rates: numbers(rates), failures: numbers(failures) });
    }
    return history;
  }

  /** Whether the next sample is due, also by a clock that was set back. */
  due(at: number): boolean {
    return Math.abs(at - this.#until) >= EVERY - 100;
  }

  /** The newest last. */
  report(): JsonObject {
    return { every: EVERY, until: this.#until, services: Object.fromEntries(this.#lines) as unknown as JsonObject };
  }
}

function push(line: number[], value: number): void {
  line.push(value);
  if (line.length > SAMPLES) line.shift();
}

const numbers = (values: unknown): number[] => (Array.isArray(values) ? values.slice(-SAMPLES).map((value) => Number(value) || 0) : []);
