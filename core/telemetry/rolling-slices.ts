/**
 * Ten seconds, a minute and five minutes of slices. What happens is counted once, in the second that is now. A second that is over
 * is taken in by its ten seconds, and these by their fifty: each window is ten slices at most, few enough to be added up at once.
 */
import { RollingWindow } from './rolling-window.ts';
import { Slice } from './slice.ts';

/** Milliseconds of a slice, and how many make the window; the current one, in part, is one of them. */
export const windows = {
  '10s': { width: 1_000, slices: 10 },
  '1m': { width: 10_000, slices: 6 },
  '5m': { width: 50_000, slices: 6 },
} as const;

export type Window = keyof typeof windows;

/** Names of a slice that is over which each request takes over into the longer one. */
const STEPS = 4;

export interface Looked {
  readonly slices: readonly Slice[];
  /** Milliseconds that they are of. */
  readonly span: number;
}

export class RollingSlices {
  readonly #seconds: Ring;
  readonly #tens: Ring;
  readonly #fifties: Ring;
  readonly #since: number;
  /** Slices on their way into a longer one, the first to come first. */
  readonly #taking: Generator<void>[] = [];

  /** @param now milliseconds of a clock that never goes back, as everywhere here */
  constructor(now: number) {
    const into = (ring: () => Ring) => (over: Slice) => {
      // All that came before is in it by then.
      this.#finish();
      this.#taking.push(ring().at(over.at).take(over));
    };
    this.#since = now;
    this.#fifties = new Ring(windows['5m'], () => {});
    this.#tens = new Ring(
      windows['1m'],
      into(() => this.#fifties),
    );
    this.#seconds = new Ring(
      windows['10s'],
      into(() => this.#tens),
    );
  }

  /** The slice to count in. */
  at(now: number): Slice {
    const slice = this.#seconds.at(now);
    const [taking] = this.#taking;
    if (taking) this.#take(taking);
    return slice;
  }

  look(window: Window, now: number): Looked {
    for (const ring of [this.#seconds, this.#tens, this.#fifties]) ring.roll(now);
    this.#finish();
    const second = this.#seconds.current;
    const ten = this.#tens.current;
    const slices = {
      '10s': () => this.#seconds.slices(),
      '1m': () => [...this.#tens.slices(), second],
      '5m': () => [...this.#fifties.slices(), ten, second],
    }[window]();
    const { width, slices: count } = windows[window];
    const from = Math.max(this.#since, (Math.floor(now / width) - count + 1) * width);
    // A gateway that has just started did not do nothing before.
    return { slices: slices.flatMap((slice) => slice ?? []), span: Math.max(1_000, now - from) };
  }

  #take(taking: Generator<void>): void {
    for (let step = 0; step < STEPS; step += 1) {
      if (!taking.next().done) continue;
      this.#taking.shift();
      return;
    }
  }

  #finish(): void {
    for (const taking of this.#taking) while (!taking.next().done);
    this.#taking.length = 0;
  }
}

class Ring {
  readonly #slices: (Slice | undefined)[];
  readonly #window: RollingWindow;
  readonly #over: (slice: Slice) => void;
  #current: Slice | undefined;

  /** @param over is told of each slice when the one behind it begins */
  constructor({ width, slices }: { readonly width: number; readonly slices: number }, over: (slice: Slice) => void) {
    this.#slices = new Array(slices).fill(undefined);
    this.#over = over;
    this.#window = new RollingWindow(width, slices, (bucket) => {
      this.#slices[bucket] = undefined;
    });
  }

  /** The one of now, and the last of all. */
  get current(): Slice | undefined {
    return this.#current;
  }

  at(now: number): Slice {
    const bucket = this.#window.at(now);
    return this.#slices[bucket] ?? this.#begin(bucket, now);
  }

  /** Ends what is over, though nothing has come since. */
  roll(now: number): void {
    const bucket = this.#window.at(now);
    if (this.#current && this.#slices[bucket] !== this.#current) this.#end();
  }

  slices(): readonly (Slice | undefined)[] {
    return this.#slices;
  }

  #begin(bucket: number, now: number): Slice {
    this.#end();
    const slice = new Slice(now);
    this.#slices[bucket] = slice;
    this.#current = slice;
    return slice;
  }

  #end(): void {
    const over = this.#current;
    this.#current = undefined;
    if (over) this.#over(over);
  }
}
