/** Endpoints by Eureka: one copy of the registry for all services, fetched whole once and by delta from then on. */
import type { Clock } from '../clock.ts';
import { Applications } from './eureka-applications.ts';
import { EurekaRefusal, EurekaServers } from './eureka-servers.ts';
import { Polling, type PollingParts } from './polling.ts';
import type { Source } from './source.ts';

export class EurekaRegistry {
  readonly #servers: EurekaServers;
  readonly #clock: Clock;
  readonly #parts: Omit<PollingParts, 'interval'>;
  /** Of each source that was started, its interval and whom it tells. */
  readonly #readers = new Map<Source, { readonly interval: number; readonly onChange: () => void }>();
  #polling: Polling<Applications> | undefined;

  /** @param urls of the servers of one cluster */
  constructor(urls: readonly string[], parts: Omit<PollingParts, 'interval'>) {
    this.#servers = new EurekaServers(urls);
    this.#clock = parts.clock;
    this.#parts = parts;
  }

  /**
   * The instances of an application that are UP.
   *
   * @param name of the application, in any case
   * @param interval milliseconds between two questions; of several services the shortest
   */
  source(name: string, interval: number): Source {
    const app = name.toUpperCase();
    const [polling, clock] = [() => this.#polling, this.#clock];
    const source: Source = {
      get answer() {
        return polling()?.answer?.endpoints(app, clock.now());
      },
      get failure() {
        return polling()?.failure;
      },
      fixed: false,
      start: (onChange) => this.#start(source, interval, onChange),
      stop: () => this.#stop(source),
    };
    return source;
  }

  #start(source: Source, interval: number, onChange: () => void): void {
    this.#readers.set(source, { interval, onChange });
    if (this.#polling) {
      if (this.#polling.answer || this.#polling.failure) onChange();
      return;
    }
    const intervals = () => Math.min(...Array.from(this.#readers.values(), (reader) => reader.interval));
    const applications = new Applications();
    let fetched = false;
    const ask = async (signal: AbortSignal) => {
      await this.#fetch(applications, fetched, signal);
      fetched = true;
      return applications;
    };
    this.#polling = new Polling(ask, {
      ...this.#parts,
      get interval() {
        return intervals();
      },
    });
    this.#polling.start(() => {
      for (const reader of this.#readers.values()) reader.onChange();
    });
  }

  #stop(source: Source): void {
    if (!this.#readers.delete(source) || this.#readers.size > 0) return;
    this.#polling?.stop();
    this.#polling = undefined;
  }

  async #fetch(applications: Applications, again: boolean, signal: AbortSignal): Promise<void> {
    let differs = false;
    if (again) {
      try {
        if (applications.delta(await this.#servers.get('/apps/delta', signal))) return;
        differs = true;
      } catch (error) {
        // A cluster without deltas refuses them; one that is not ready refuses the full list too.
        if (!(error instanceof EurekaRefusal)) throw error;
      }
    }
    applications.full(await this.#servers.get('/apps', signal), this.#clock.now(), differs);
  }
}
