/**
 * Many misses for one answer are one call: the first to ask leads, the others wait for what comes of it. Nobody waits for what will
 * not be stored, nor in a line behind others: then each goes by itself.
 */
import { LRUCache } from 'lru-cache';
import type { Clock } from '../clock.ts';

/**
 * What became of a call: its answer is stored; is of a kind that is not (`unstorable`), or this one is not (`not-now`), or failed; a stale one
 * had to do (`stood-in`); or its client left.
 */
export type Outcome = 'stored' | 'unstorable' | 'not-now' | 'stood-in' | 'left';

export interface Flight {
  /** Says what became of it; the first word counts. Where the outcome is `left`, one of those who wait may lead next. */
  land(outcome: Outcome): void;
}

/** Milliseconds for which nobody waits for what was not to be stored. */
const REMEMBERED = 30_000;
/** Characters of the keys that are remembered. */
const MOST_REMEMBERED = 1024 * 1024;

interface Call {
  readonly landed: Promise<Outcome>;
}

export class Flights {
  readonly #calls = new Map<string, Call>();
  readonly #unstorable: LRUCache<string, number>;
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#unstorable = new LRUCache({ maxSize: MOST_REMEMBERED, sizeCalculation: (_, key) => key.length + 64 });
  }

  /** How many are under way. */
  get size(): number {
    return this.#calls.size;
  }

  /** Whether to wait would be in vain, by what became of the last call. */
  isUnstorable(key: string): boolean {
    const until = this.#unstorable.get(key);
    return until !== undefined && this.#clock.now() < until;
  }

  /** The lead, for the first to ask; `undefined` when another has it. */
  lead(key: string): Flight | undefined {
    if (this.#calls.has(key)) return undefined;
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    const call = { landed: promise };
    let landed = false;
    this.#calls.set(key, call);
    return {
      land: (outcome) => {
        if (landed) return;
        landed = true;
        this.#end(key, call);
        if (outcome === 'unstorable') this.#unstorable.set(key, this.#clock.now() + REMEMBERED);
        else this.#unstorable.delete(key);
        resolve(outcome);
      },
    };
  }

  /**
   * Waits for whoever leads.
   * @param patience milliseconds; then it is `late`, and the next to ask leads anew: what is too slow for one is so for all
   */
  join(key: string, patience: number): Promise<Outcome | 'late'> {
    const call = this.#calls.get(key);
    if (!call) return Promise.resolve('left');
    return new Promise((resolve) => {
      const timer = setTimeout(
        () => {
          this.#end(key, call);
          resolve('late');
        },
        Math.max(0, patience),
      ).unref();
      call.landed.then((outcome) => {
        clearTimeout(timer);
        resolve(outcome);
      });
    });
  }

  #end(key: string, call: Call): void {
    if (this.#calls.get(key) === call) this.#calls.delete(key);
  }
}
