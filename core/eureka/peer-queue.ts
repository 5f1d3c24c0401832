/**
 * What a peer is yet to be told, in order: the newest of each kind of each instance only, in bounded numbers. Heartbeats may come too
 * late, for others follow; nothing else does, for it is said only once. Knows nothing of HTTP.
 */
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
  /** Of a Cancel, the `lastDirtyTimestamp` of who went: a peer has perhaps heard of it anew since. */
  readonly lastDirtyTimestamp?: number;
}

/** A task and the time of the clock at which it was put in. */
export interface Waiting {
  readonly task: Task;
  readonly since: number;
}

export interface QueueLimits {
  /** Tasks at once; beyond them the oldest heartbeat is dropped (`maxElementsInPeerReplicationPool`). */
  readonly tasks: number;
  /** Tasks at once that are no heartbeats, more than there are instances; beyond them the oldest is dropped. */
  readonly changes: number;
  /** Tasks of one batch. */
  readonly batch: number;
  /** Milliseconds a task waits for others to go with it. */
  readonly delay: number;
  /** Milliseconds after which it is too late for a heartbeat (`maxTimeForReplication`). */
  readonly maxTime: number;
}

/** Eureka's. */
export const defaultLimits: QueueLimits = { tasks: 10_000, changes: 100_000, batch: 250, delay: 500, maxTime: 30_000 };

export class PeerQueue {
  readonly #limits: QueueLimits;
  /** In the order in which they were put in, which is that of `since` too. */
  #waiting = new Map<string, Waiting>();
  /** The keys of those that may be dropped first. */
  #heartbeats = new Set<string>();
  /** The oldest first. Kept, for one that began anew would each time step over all that went before. */
  #oldest = this.#waiting.keys();
  #oldestHeartbeat = this.#heartbeats.keys();
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
      this.#delete(key);
      if (waiting.task.action !== 'Heartbeat' || now - waiting.since < this.#limits.maxTime) batch.push(waiting);
      else this.#dropped += 1;
    }
    return batch;
  }

  /** Puts back what was taken and could not be sent: before all others, but for what these made needless meanwhile. */
  giveBack(taken: readonly Waiting[]): void {
    const later = this.#waiting;
    this.#waiting = new Map();
    this.#heartbeats = new Set();
    this.#oldest = this.#waiting.keys();
    this.#oldestHeartbeat = this.#heartbeats.keys();
    for (const waiting of taken) this.#put(waiting);
    for (const waiting of later.values()) this.#put(waiting);
    this.#trim();
  }

  #put(waiting: Waiting): void {
    const { action, app, id } = waiting.task;
    for (const former of [action, ...supersededBy[action]]) this.#delete(keyOf(former, app, id));
    const key = keyOf(action, app, id);
    this.#waiting.set(key, waiting);
    if (action === 'Heartbeat') this.#heartbeats.add(key);
  }

  #delete(key: string): void {
    this.#waiting.delete(key);
    this.#heartbeats.delete(key);
  }

  #trim(): void {
    const { tasks, changes } = this.#limits;
    while (this.#heartbeats.size > 0 ? this.size > tasks : this.size > changes) {
      const oldest = this.#heartbeats.size > 0 ? this.#oldestHeartbeat : this.#oldest;
      this.#delete(oldest.next().value ?? '');
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
