/** Another registry that is to know what this one does: told in batches, again while it cannot hear, and heard where it knows better. */
import type { Clock } from '../clock.ts';
import { type Fields, fieldsOf } from '../registry/fields.ts';
import type { Registry } from '../registry/registry.ts';
import type { Logger } from '../telemetry/logger.ts';
import { instanceDocument } from './document.ts';
import type { PeerQueue, Task, Waiting } from './peer-queue.ts';
import type { Outcome, PeerWire } from './peer-wire.ts';
import { Refused } from './refused.ts';
import { readRegistration } from './registration.ts';

/** Milliseconds until a congested peer is tried again (`SERVER_UNAVAILABLE_SLEEP_TIME_MS`), and one that refused. */
const CONGESTED = 1_000;

/** Milliseconds until an address is tried again at which the registry found itself: it may move to a peer, as a name may. */
const ITSELF = 5 * 60_000;

/** Milliseconds until one that is not reached is (`RETRY_SLEEP_TIME_MS`); each time twice as many, up to the other. */
const SOONEST = 100;
const LATEST = 2_000;

/** Characters of one request: some 1 000 instances, a quarter of what a registry of this kind reads. */
const LARGEST = 1024 * 1024;

/** How it goes with a peer; of its counts, since the start. */
export interface PeerState {
  readonly url: string;
  /** Changes that it has not taken yet, with those that are under way to it. */
  readonly queued: number;
  /** Changes that it took. */
  readonly sent: number;
  /** Changes that it refused, heartbeats that were too late, and what was too many. */
  readonly dropped: number;
  /** Milliseconds since 1970, while it does not take what it is sent. */
  readonly failingSince: number | undefined;
  /** Whether the registry has found itself there, and so has nothing to tell. */
  readonly itself: boolean;
}

export interface PeerParts {
  /** What it is called. */
  readonly url: string;
  readonly wire: Pick<PeerWire, 'send' | 'close'>;
  readonly queue: PeerQueue;
  readonly registry: Registry;
  readonly clock: Clock;
  readonly logger: Logger;
}

export class Peer {
  readonly #parts: PeerParts;
  readonly #queue: PeerQueue;
  #timer: NodeJS.Timeout | undefined;
  /** Of the clock: when the timer is to end. */
  #startsAt = 0;
  #underWay: Promise<void> | undefined;
  /** Changes of the batch that is sent just now. */
  #carried = 0;
  #closed = false;
  #sent = 0;
  #refused = 0;
  #failingSince: number | undefined;
  #itself = false;
  /** Of the clock. */
  #pausedUntil = 0;
  #pause = SOONEST;

  constructor(parts: PeerParts) {
    this.#parts = parts;
    this.#queue = parts.queue;
  }

  get state(): PeerState {
    const { size: waiting, dropped } = this.#queue;
    const { url } = this.#parts;
    return {
      url,
      queued: waiting + this.#carried,
      sent: this.#sent,
      dropped: this.#refused + dropped,
      failingSince: this.#failingSince,
      itself: this.#itself,
    };
  }

  tell(task: Task): void {
    const now = this.#parts.clock.now();
    if (this.#closed || (this.#itself && now < this.#pausedUntil)) return;
    this.#queue.add(task, now);
    this.#schedule();
  }

  /** Tells at once what waits for others to go with it; resolves when that is done, or cannot be. */
  async flush(): Promise<void> {
    await this.#underWay;
    while (!this.#closed && this.#queue.size > 0) {
      await this.#start();
      if (this.#failingSince !== undefined || this.#itself) return;
    }
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#parts.wire.close();
  }

  #schedule(): void {
    if (this.#closed || this.#underWay) return;
    const now = this.#parts.clock.now();
    const due = this.#queue.dueIn(now);
    if (due === undefined) return;
    const at = Math.max(now + due, this.#pausedUntil);
    if (this.#timer && at >= this.#startsAt && now < this.#startsAt) return;
    clearTimeout(this.#timer);
    this.#startsAt = at;
    this.#timer = setTimeout(() => void this.#start(), at - now).unref();
  }

  #start(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#underWay ??= this.#run()
      .catch((error) => this.#parts.logger.error({ event: 'registry-fault', err: error }))
      .finally(() => {
        this.#underWay = undefined;
        this.#carried = 0;
        this.#schedule();
      });
    return this.#underWay;
  }

  /** Sends one batch. */
  async #run(): Promise<void> {
    let left = this.#queue.take(this.#parts.clock.now());
    while (left.length > 0) {
      const { tasks, items, rest } = this.#request(left);
      if (items.length === 0) break;
      this.#carried = tasks.length + rest.length;
      const outcome = await this.#parts.wire.send(items);
      if (this.#closed) return;
      this.#paceBy(outcome);
      if (outcome.kind === 'answered') this.#hear(tasks, outcome.answers);
      else if (outcome.kind === 'refused') this.#refused += tasks.length;
      else if (outcome.kind === 'itself') return;
      else {
        this.#queue.giveBack(left);
        break;
      }
      left = rest;
    }
  }

  /** As many of them as go in one request. Of an instance that is gone there is nothing to tell but that. */
  #request(waiting: readonly Waiting[]): { tasks: Task[]; items: string[]; rest: Waiting[] } {
    const tasks: Task[] = [];
    const items: string[] = [];
    let size = 0;
    for (const [at, { task }] of waiting.entries()) {
      const item = itemOf(task, this.#parts.registry);
      if (!item) continue;
      const text = JSON.stringify(item);
      size += text.length;
      if (size > LARGEST && items.length > 0) return { tasks, items, rest: waiting.slice(at) };
      tasks.push(task);
      items.push(text);
    }
    return { tasks, items, rest: [] };
  }

  #paceBy(outcome: Outcome): void {
    const { url, clock, logger } = this.#parts;
    const wasItself = this.#itself;
    this.#itself = outcome.kind === 'itself';
    if (this.#itself) {
      if (!wasItself) logger.info({ event: 'registry-peer-is-itself', peer: url });
      this.#pausedUntil = clock.now() + ITSELF;
      this.#failingSince = undefined;
      return;
    }
    if (outcome.kind === 'answered') {
      if (this.#failingSince !== undefined) logger.info({ event: 'registry-peer-answers', peer: url });
      this.#failingSince = undefined;
      this.#pause = SOONEST;
      return;
    }
    const transient = outcome.kind === 'unreachable';
    this.#pausedUntil = clock.now() + (transient ? this.#pause : CONGESTED);
    if (transient) this.#pause = Math.min(LATEST, this.#pause * 2);
    if (this.#failingSince === undefined) logger.warn({ event: 'registry-peer-failing', peer: url, why: outcome.why });
    this.#failingSince ??= clock.epoch();
  }

  #hear(tasks: readonly Task[], answers: readonly Fields[]): void {
    for (const [at, task] of tasks.entries()) {
      const { statusCode, responseEntity } = answers[at] ?? {};
      const status = typeof statusCode === 'number' ? statusCode : 0;
      const gone = status === 404 && task.action === 'Cancel';
      if (gone || (status >= 200 && status < 300)) this.#sent += 1;
      // It does not know the instance, or knows an older one.
      else if (status === 404 && task.action !== 'Register') this.tell({ action: 'Register', app: task.app, id: task.id });
      else if (status === 409 && responseEntity) this.#takeIn(task, responseEntity);
      else this.#refused += 1;
    }
  }

  /** The peer has a newer registration of the instance than this registry. */
  #takeIn({ app, id }: Task, document: unknown): void {
    const { registry, clock } = this.#parts;
    try {
      const registration = readRegistration({ instance: fieldsOf(document) }, Math.round(clock.epoch()));
      if (registration.app !== app || registration.id !== id) throw new Refused(409, 'Another instance than asked for');
      if (registration.overriddenStatus !== 'UNKNOWN') registry.noteOverride(app, id, registration.overriddenStatus);
      if (registry.register(registration, { replication: true }) === 'taken') this.#sent += 1;
      else this.#refused += 1;
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.#refused += 1;
    }
  }
}

/**
 * A task as it stands in a batch (ReplicationInstance), with the instance as it is now; undefined when there is nothing to tell:
 * the instance is gone, or has an override again, which another task tells.
 */
function itemOf({ action, app, id, status, lastDirtyTimestamp }: Task, registry: Registry): object | undefined {
  if (action === 'Cancel') return { action, appName: app, id, ...(lastDirtyTimestamp === undefined ? {} : { lastDirtyTimestamp }) };
  const lease = registry.find(app, id);
  if (!lease) return undefined;
  const { instance, override } = lease;
  const item = { action, appName: app, id, lastDirtyTimestamp: instance.lastDirtyTimestamp, status: instance.status };
  switch (action) {
    case 'Register':
      return { ...item, instanceInfo: instanceDocument(lease, 'full') };
    case 'Heartbeat':
      return { ...item, overriddenStatus: override };
    case 'StatusUpdate':
      return { ...item, status: override ?? status, overriddenStatus: override ?? status };
    case 'DeleteStatusOverride':
      return override === undefined ? item : undefined;
  }
}
