/** What a peer is yet to be told, in order: the newest of each kind only, for a bounded time and in bounded numbers. Knows nothing of HTTP. */
import type { InstanceStatus } from '../registry/instance.ts';

/** Eureka's `Action`, as it stands in a batch. */
export type Action = 'Register' | 'Heartbeat' | 'Cancel' | 'StatusUpdate' | 'DeleteStatusOverride';

/** One change of one instance. What the instance is like is not kept: it is looked up when the task is sent, so that the newest goes. */
export interface Task {
  readonly action: Action;
  /** In upper case. */
  readonly app: string;
  readonly id: string;
  /** The override of a StatusUpdate, which may be taken back by the time that it is sent. */
  readonly status?: InstanceStatus;
}

/** A task and the time of the clock at which it was put in. */
export interface Waiting {
  readonly task: Task;
  readonly since: number;
}

export interface QueueLimits {
  /** Tasks at once; beyond them the oldest is dropped (`maxElementsInPeerReplicationPool`). */
  readonly tasks: number;
  /** Tasks of one batch. */
  readonly batch: number;
  /** Milliseconds a task waits for others to go with it. */
  readonly delay: number;
  /** Milliseconds after which it is too late (`maxTimeForReplication`). */
  readonly maxTime: number;
}

/** Eureka's. */
export const defaultLimits: QueueLimits = { tasks: 10_000, batch: 250, delay: 500, maxTime: 30_000 };

export class PeerQueue {
  readonly #limits: QueueLimits;
  /** In the order in which they were put in, which is that of `since` too. */
  #waiting = new Map<string, Waiting>();
  /** The oldest first. Kept, for one that began anew would each time step over all that went before. */
  #oldest = this.#waiting.keys();
  #dropped = 0;

  constructor(limits: QueueLimits = defaultLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#waiting.size;
  }

  /** How many came too late or were too many. What a newer task made needless is not among them. */
  get dropped(): number {
    return this.#dropped;
  }

  add(task: Task, now: number): void {
    this.#put({ task, since: now });
    this.#trim();
  }

  /** Milliseconds until there is a batch to take; 0 for now, undefined while there is nothing. */
  dueIn(now: number): number | undefined {
    if (this.size >= this.#limits.batch) return 0;
    const [oldest] = this.#waiting.values();
    return oldest && Math.max(0, oldest.since + this.#limits.delay - now);
  }

  /** The oldest tasks that are not too late, as many as go together. */
  take(now: number): Waiting[] {
    const batch: Waiting[] = [];
    for (const [key, waiting] of this.#waiting) {
      if (batch.length >= this.#limits.batch) break;
      this.#waiting.delete(key);
      if (now - waiting.since < this.#limits.maxTime) batch.push(waiting);
      else this.#dropped += 1;
    }
    return batch;
  }

  /** Puts back what was taken and could not be sent: before all others, but for what these made needless meanwhile. */
  giveBack(taken: readonly Waiting[]): void {
    const later = this.#waiting;
    this.#waiting = new Map();
    this.#oldest = this.#waiting.keys();
    for (const waiting of taken) this.#put(waiting);
    for (const waiting of later.values()) this.#put(waiting);
    this.#trim();
  }

  #put(waiting: Waiting): void {
    const { action, app, id } = waiting.task;
    for (const former of [action, ...supersededBy[action]]) this.#waiting.delete(keyOf(former, app, id));
    this.#waiting.set(keyOf(action, app, id), waiting);
  }

  #trim(): void {
    while (this.size > this.#limits.tasks) {
      this.#waiting.delete(this.#oldest.next().value ?? '');
      this.#dropped += 1;
    }
  }
}

/** What need not be told before this is: a registration says all that a heartbeat does, and who is gone is gone. */
const supersededBy: Readonly<Record<Action, readonly Action[]>> = {
  Register: ['Heartbeat'],
  Heartbeat: [],
  Cancel: ['Register', 'Heartbeat', 'StatusUpdate', 'DeleteStatusOverride'],
  StatusUpdate: [],
  DeleteStatusOverride: [],
};

/** Neither part has a line end. */
function keyOf(action: Action, app: string, id: string): string {
  return `${action}\n${app}\n${id}`;
}
