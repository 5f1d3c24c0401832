/**
 * The places for tries under way at one service, and a short queue before them (Hystrix's semaphore isolation and its
 * `maxQueueSize`). A service that dawdles fills its own places, and nobody else's.
 */
import { type Priority, type Reserve, ranks } from './reserve.ts';

export type { Priority };

/** A limit that may change, as the adaptive one does. */
export interface Limit {
  /** Tries under way at once, an integer above zero. */
  current(): number;
}

/** A comer in the queue. */
export interface Waiting {
  /** True when it was given a place, which it then must give back; false when it was turned away or left. */
  readonly admitted: Promise<boolean>;
  /** Leaves the queue: its client is gone, or its time is up. Without effect once it has a place or was turned away. */
  leave(): void;
}

interface Member extends Waiting {
  settle(admitted: boolean): void;
}

export class Bulkhead {
  readonly #limit: Limit;
  readonly #places: number;
  readonly #reserve: Reserve;
  /** By rank, each the oldest first. */
  readonly #queues: readonly Member[][] = [[], [], []];
  #inFlight = 0;
  #queued = 0;

  /**
   * @param limit tries under way at once (`execution.isolation.semaphore.maxConcurrentRequests`)
   * @param queue how many may wait; they do for the higher classes what places kept free would, so that fewer are
   */
  constructor(limit: number | Limit, queue: number, reserve: Reserve) {
    this.#limit = typeof limit === 'number' ? { current: () => limit } : limit;
    this.#places = queue;
    this.#reserve = reserve;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  get queued(): number {
    return this.#queued;
  }

  get limit(): number {
    return this.#limit.current();
  }

  /** Takes a place when there is one for this class and nobody of it or of a higher one waits. Every comer begins here. */
  tryEnter(priority: Priority, now: number): boolean {
    const rank = ranks[priority];
    this.#reserve.came(rank, now);
    if (this.#queued > 0) {
      // The limit may have grown since anybody left.
      this.#admit();
      for (let ahead = 0; ahead <= rank; ahead += 1) if (this.#queueOf(ahead).length > 0) return false;
    }
    if (!this.#hasPlaceFor(rank)) return false;
    this.#enter(rank);
    return true;
  }

  /** Waits after `tryEnter` said no. A full queue turns away its lowest, newest member for a higher comer, else the comer. */
  wait(priority: Priority): Waiting {
    const rank = ranks[priority];
    const { promise: admitted, resolve: settle } = Promise.withResolvers<boolean>();
    const member: Member = { admitted, settle, leave: () => this.#abandon(rank, member) };
    if (this.#queued < this.#places || this.#turnAwayBelow(rank)) {
      this.#queueOf(rank).push(member);
      this.#queued += 1;
    } else settle(false);
    return member;
  }

  /** Gives a place back, to the highest and oldest in the queue for whom there is one. */
  leave(priority: Priority, now: number): void {
    this.#inFlight -= 1;
    this.#reserve.left(ranks[priority], now);
    if (this.#queued > 0) this.#admit();
  }

  #hasPlaceFor(rank: number): boolean {
    const limit = this.#limit.current();
    const kept = this.#reserve.places(rank, limit) - this.#places;
    return this.#inFlight + (kept > 0 ? kept : 0) < limit;
  }

  #enter(rank: number): void {
    this.#inFlight += 1;
    this.#reserve.entered(rank);
  }

  /** Whoever waits is admitted in order, and nobody past one who must wait on. */
  #admit(): void {
    for (const [rank, queue] of this.#queues.entries()) {
      for (let first = queue[0]; first; first = queue[0]) {
        if (!this.#hasPlaceFor(rank)) return;
        queue.shift();
        this.#queued -= 1;
        this.#enter(rank);
        first.settle(true);
      }
    }
  }

  #turnAwayBelow(rank: number): boolean {
    for (let lowest = this.#queues.length - 1; lowest > rank; lowest -= 1) {
      const newest = this.#queueOf(lowest).pop();
      if (!newest) continue;
      this.#queued -= 1;
      newest.settle(false);
      return true;
    }
    return false;
  }

  #abandon(rank: number, member: Member): void {
    const queue = this.#queueOf(rank);
    const at = queue.indexOf(member);
    if (at < 0) return;
    queue.splice(at, 1);
    this.#queued -= 1;
    member.settle(false);
  }

  #queueOf(rank: number): Member[] {
    return this.#queues[rank] ?? [];
  }
}
