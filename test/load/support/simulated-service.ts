/** A service in virtual time, behind a limit of requests under way: those that come beyond it are refused. */
import type { Random } from '../../../core/clock.ts';
import { seeded } from '../../unit/balancer/seeded.ts';

export interface SimulatedService {
  /** Requests a millisecond that it can serve at most. */
  capacity: number;
  /** How many it works on at once; the others wait in their order. */
  servers(now: number): number;
  /** Milliseconds for one request, of which `inFlight` are under way. */
  time(chance: Random, inFlight: number): number;
}

export interface SimulatedLimit {
  current(): number;
  observe?(rtt: number, inFlight: number, dropped: boolean, now: number): void;
}

export interface Run {
  /** Requests come by chance (Poisson) at this multiple of the capacity. */
  load: number;
  /** Virtual milliseconds. */
  duration: number;
  seed: number;
}

export interface Outcome {
  /** Requests a second that were served, over the last third. */
  goodput: number;
  /** The limit at every tenth of a second. */
  limits: number[];
}

/** Milliseconds. */
const SAMPLE = 100;

export function simulate(service: SimulatedService, limit: SimulatedLimit, { load, duration, seed }: Run): Outcome {
  const chance = seeded(seed);
  const under = new Underway();
  const waiting: number[] = [];
  const limits: number[] = [];
  let oldest = 0;
  let inFlight = 0;
  let served = 0;
  const serve = (came: number, now: number): void => under.push({ came, ends: now + service.time(chance, inFlight) });
  let comes = 0;
  while (comes < duration) {
    const next = under.next;
    if (next && next.ends <= comes) {
      under.pop();
      const now = next.ends;
      limit.observe?.(now - next.came, inFlight, false, now);
      inFlight -= 1;
      if (now > (duration * 2) / 3) served += 1;
      const first = waiting[oldest];
      if (first !== undefined && under.size < service.servers(now)) {
        oldest += 1;
        serve(first, now);
      }
      continue;
    }
    const now = comes;
    comes -= Math.log(1 - chance()) / (service.capacity * load);
    while (limits.length * SAMPLE <= now) limits.push(limit.current());
    if (inFlight >= limit.current()) continue;
    inFlight += 1;
    if (under.size < service.servers(now)) serve(now, now);
    else waiting.push(now);
  }
  return { goodput: (served / (duration / 3)) * 1000, limits };
}

interface Served {
  came: number;
  ends: number;
}

/** What is worked on, the first to end on top: a binary heap. */
class Underway {
  readonly #heap: Served[] = [];

  get size(): number {
    return this.#heap.length;
  }

  get next(): Served | undefined {
    return this.#heap[0];
  }

  push(one: Served): void {
    let at = this.#heap.length;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const other = this.#heap[above];
      if (!other || other.ends <= one.ends) break;
      this.#heap[at] = other;
      at = above;
    }
    this.#heap[at] = one;
  }

  pop(): void {
    const one = this.#heap.pop();
    if (!one || this.#heap.length === 0) return;
    let at = 0;
    for (;;) {
      const [left, right] = [this.#heap[2 * at + 1], this.#heap[2 * at + 2]];
      const [other, below] = right && left && right.ends < left.ends ? [right, 2 * at + 2] : [left, 2 * at + 1];
      if (!other || one.ends <= other.ends) break;
      this.#heap[at] = other;
      at = below;
    }
    this.#heap[at] = one;
  }
}
