/**
 * A copy of a Eureka registry: fetched whole once, by delta from then on. Where the server tells of changes, each is taken in as
 * it comes, and the deltas are the net beneath.
 */
import { Applications } from './eureka-applications.ts';
import { EurekaEvents } from './eureka-events.ts';
import { EurekaRefusal, type EurekaServers } from './eureka-servers.ts';
import type { Fields } from './fields.ts';
import { Polling, type PollingParts } from './polling.ts';
import type { Discovered, Failure } from './source.ts';

/** Milliseconds from one fetch to the next when what was told does not add up, or is told anew: nobody is asked all the time for that. */
const AMISS = 1_000;
/** Milliseconds within which a server that tells of changes no more is asked how it is; one that only restarts is back by then. */
const LOST = 5_000;
/** Changes that are remembered while a fetch is under way; after more it is fetched once more. */
const MOST = 10_000;

/** Told of the applications (in capitals) that changed; of nothing in particular when all may have. */
export type Told = (changed: ReadonlySet<string> | undefined) => void;

export class EurekaCopy {
  readonly #servers: EurekaServers;
  readonly #parts: PollingParts;
  readonly #applications = new Applications();
  readonly #polling: Polling<Applications>;
  readonly #events: EurekaEvents;
  #told: Told = () => {};
  /** Changes since the fetch under way began, which its answer may not have yet. */
  #meanwhile: Fields[] | undefined;
  /** Whether all were told of a failure; undefined before anything. */
  #failing: boolean | undefined;
  #expiry: NodeJS.Timeout | undefined;
  /** When a server last began to tell, on the clock. */
  #readyAt = Number.NEGATIVE_INFINITY;

  constructor(servers: EurekaServers, parts: PollingParts) {
    this.#servers = servers;
    this.#parts = parts;
    this.#polling = new Polling((signal) => this.#fetch(signal), parts);
    this.#events = new EurekaEvents({
      servers,
      clock: parts.clock,
      random: parts.random,
      onReady: () => this.#ready(),
      onChanges: (changes) => this.#change(changes),
      onLost: () => this.#polling.soon(LOST * (0.5 + parts.random() / 2)),
    });
  }

  /** Whether the registry has answered or failed. */
  get asked(): boolean {
    return this.#failing !== undefined;
  }

  /** Since when, and why, the last fetch got no answer. */
  get failure(): Failure | undefined {
    return this.#polling.failure;
  }

  /** Of an application (in capitals) the instances that are UP; undefined before the first answer. */
  endpoints(app: string): readonly Discovered[] | undefined {
    return this.#polling.answer?.endpoints(app, this.#parts.clock.now());
  }

  start(told: Told): void {
    this.#told = told;
    this.#polling.start(() => {
      const failing = this.#polling.failure !== undefined;
      const changed = this.#applications.takeChanged();
      const all = failing !== this.#failing;
      this.#failing = failing;
      told(all ? undefined : changed);
      if (!failing) this.#events.follow();
    });
    this.#events.start();
  }

  stop(): void {
    this.#polling.stop();
    this.#events.stop();
    clearTimeout(this.#expiry);
  }

  async #fetch(signal: AbortSignal): Promise<Applications> {
    const meanwhile: Fields[] = [];
    this.#meanwhile = meanwhile;
    try {
      await this.#ask(signal, meanwhile);
      if (!this.#takeLast(meanwhile) || meanwhile.length >= MOST) this.#polling.soon(AMISS);
      if (!signal.aborted) this.#expire();
      return this.#applications;
    } finally {
      this.#meanwhile = undefined;
    }
  }

  async #ask(signal: AbortSignal, meanwhile: readonly Fields[]): Promise<void> {
    let differs = false;
    if (this.#polling.answer) {
      try {
        const fits = this.#applications.delta(await this.#servers.get('/apps/delta', signal));
        // It may be of a time before what was told meanwhile.
        if (fits || (meanwhile.length > 0 && this.#takeLast(meanwhile))) return;
        differs = true;
      } catch (error) {
        // A cluster without deltas refuses them; one that is not ready refuses the full list too.
        if (!(error instanceof EurekaRefusal)) throw error;
      }
    }
    this.#applications.full(await this.#servers.get('/apps', signal), this.#parts.clock.now(), differs);
  }

  /** A server tells of all from now on. */
  #ready(): void {
    const now = this.#parts.clock.now();
    this.#polling.soon(Math.max(0, this.#readyAt + AMISS - now));
    this.#readyAt = now;
  }

  /** What a server tells of itself. */
  #change(changes: readonly Fields[]): void {
    if (this.#meanwhile) this.#meanwhile.push(...changes.slice(0, MOST - this.#meanwhile.length));
    // Before there is a list there is nothing to change.
    if (!this.#polling.answer) return;
    if (!this.#takeLast(changes) && !this.#meanwhile) this.#polling.soon(AMISS);
    this.#told(this.#applications.takeChanged());
  }

  /** Takes in changes, of which there is nothing later. @returns whether the copy is now what the server had after them */
  #takeLast(changes: readonly Fields[]): boolean {
    for (const { instance, actionType } of changes) this.#applications.change(instance, actionType);
    const last = changes.at(-1);
    return last === undefined || last['apps__hashcode'] === this.#applications.hashcode();
  }

  /** Whom a server forgot is given up when its time is over, whenever the next fetch may be. */
  #expire(): void {
    clearTimeout(this.#expiry);
    const { clock } = this.#parts;
    const next = this.#applications.expire(clock.now());
    if (next === undefined) return;
    this.#expiry = setTimeout(() => {
      this.#expire();
      this.#told(this.#applications.takeChanged());
    }, next - clock.now()).unref();
  }
}
