/** What a registry does at its start, so as not to say that nobody is there: it takes over the instances that its peers have (`syncUp`). */
import type { Clock } from '../clock.ts';
import { EurekaServers } from '../registry/eureka-servers.ts';
import { fieldsOf, listOf } from '../registry/fields.ts';
import type { Registry } from '../registry/registry.ts';
import type { Logger } from '../telemetry/logger.ts';
import { Refused } from './refused.ts';
import { readRegistration } from './registration.ts';

/** Milliseconds between two rounds of asking. Eureka waits for 30 s, which is long for one that cannot answer meanwhile. */
const PAUSE = 2_000;

/** Instances that are known to have gone meanwhile; more are not remembered. */
const MOST_GONE = 20_000;
/** Characters of an application and an id, more than any instance has that is taken in. */
const LONGEST = 512;

export interface PeerSyncParts {
  /** Of the peers, each up to `/eureka` or `/eureka/v2`. */
  readonly urls: readonly string[];
  /** Milliseconds of no use while no peer has an instance to give (`waitTimeInMsWhenSyncEmpty`). */
  readonly wait: number;
  readonly registry: Registry;
  readonly clock: Clock;
  readonly logger: Logger;
}

export class PeerSync {
  readonly #parts: PeerSyncParts;
  readonly #over = new AbortController();
  /** Of the clock. */
  #until: number;
  #synced: boolean;
  #timer: NodeJS.Timeout | undefined;
  readonly #gone = new Set<string>();

  constructor(parts: PeerSyncParts) {
    this.#parts = parts;
    this.#synced = parts.urls.length === 0;
    this.#until = parts.clock.now() + parts.wait;
  }

  /**
   * Whether the registry may be read: it has what its peers have, or has waited long enough for those who live to register again.
   * Two that start together have nothing for one another, and wait no longer than that.
   */
  get ready(): boolean {
    return this.#synced || this.#parts.clock.now() >= this.#until;
  }

  start(): void {
    this.#until = this.#parts.clock.now() + this.#parts.wait;
    if (!this.#synced) void this.#run();
  }

  close(): void {
    this.#over.abort();
    clearTimeout(this.#timer);
  }

  /** Of an instance that has taken its leave, known here or not: a list that a peer made before is not to bring it back. */
  forget(app: string, id: string): void {
    if (this.#synced || app.length + id.length > LONGEST || this.#gone.size >= MOST_GONE) return;
    this.#gone.add(nameOf(app, id));
  }

  /** One round. All are asked, for one that has started anew has but those who registered with it since. */
  async #run(): Promise<void> {
    const { urls, logger } = this.#parts;
    const why: Record<string, string> = {};
    const took = await Promise.all(
      urls.map(async (url) => {
        try {
          const list = await new EurekaServers([url]).get('/apps', this.#over.signal);
          if (this.#over.signal.aborted) return false;
          const { taken, refused } = this.#takeIn(list);
          if (taken > 0) logger.info({ event: 'registry-synced', peer: url, instances: taken, refused });
          else why[url] = 'has no instance';
          return taken > 0;
        } catch (error) {
          why[url] = error instanceof Error ? error.message : String(error);
          return false;
        }
      }),
    );
    if (this.#over.signal.aborted) return;
    if (!this.ready && !took.includes(true)) {
      this.#timer = setTimeout(() => void this.#run(), PAUSE).unref();
      return;
    }
    if (!took.includes(true)) logger.warn({ event: 'registry-not-synced', why });
    this.#synced = true;
    this.#gone.clear();
  }

  /** Takes in all instances of a list, as replicated. */
  #takeIn(list: unknown): { taken: number; refused: number } {
    const { registry, clock } = this.#parts;
    let [taken, refused] = [0, 0];
    for (const application of listOf(fieldsOf(fieldsOf(list)['applications'])['application'])) {
      for (const instance of listOf(fieldsOf(application)['instance'])) {
        try {
          const registration = readRegistration({ instance }, Math.round(clock.epoch()));
          if (this.#gone.has(nameOf(registration.app, registration.id))) continue;
          if (registry.register(registration, { replication: true, proven: wasRenewed(instance) }) === 'taken') taken += 1;
          else refused += 1;
        } catch (error) {
          if (!(error instanceof Refused)) throw error;
          refused += 1;
        }
      }
    }
    return { taken, refused };
  }
}

/** Neither part has a line end. */
function nameOf(app: string, id: string): string {
  return `${app}\n${id}`;
}

/** Whether a heartbeat came after the registration. */
function wasRenewed(instance: unknown): boolean {
  const { registrationTimestamp, lastRenewalTimestamp } = fieldsOf(fieldsOf(instance)['leaseInfo']);
  return (
    typeof lastRenewalTimestamp === 'number' && typeof registrationTimestamp === 'number' && lastRenewalTimestamp > registrationTimestamp
  );
}
