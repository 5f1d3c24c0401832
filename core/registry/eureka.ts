/** Endpoints by Eureka: one copy of the registry for all services. */
import { EurekaCopy } from './eureka-copy.ts';
import { EurekaServers } from './eureka-servers.ts';
import type { PollingParts } from './polling.ts';
import type { Source } from './source.ts';

interface Reader {
  /** Milliseconds between two questions. */
  readonly interval: number;
  readonly onChange: () => void;
}

export class EurekaRegistry {
  readonly #servers: EurekaServers;
  readonly #parts: Omit<PollingParts, 'interval'>;
  /** Each source that was started, by its application. */
  readonly #readers = new Map<string, Map<Source, Reader>>();
  #copy: EurekaCopy | undefined;

  /** @param urls of the servers of one cluster */
  constructor(urls: readonly string[], parts: Omit<PollingParts, 'interval'>) {
    this.#servers = new EurekaServers(urls);
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
    const copy = () => this.#copy;
    const source: Source = {
      get answer() {
        return copy()?.endpoints(app);
      },
      get failure() {
        return copy()?.failure;
      },
      fixed: false,
      start: (onChange) => this.#start(source, app, { interval, onChange }),
      stop: () => this.#stop(source, app),
    };
    return source;
  }

  #start(source: Source, app: string, reader: Reader): void {
    const readers = this.#readers.get(app) ?? new Map<Source, Reader>();
    this.#readers.set(app, readers.set(source, reader));
    if (this.#copy) {
      if (this.#copy.asked) reader.onChange();
      return;
    }
    const interval = () => Math.min(...Array.from(this.#all(), (one) => one.interval));
    this.#copy = new EurekaCopy(this.#servers, {
      ...this.#parts,
      get interval() {
        return interval();
      },
    });
    this.#copy.start((changed) => {
      if (changed) for (const name of changed) for (const one of this.#readers.get(name)?.values() ?? []) one.onChange();
      else for (const one of this.#all()) one.onChange();
    });
  }

  #stop(source: Source, app: string): void {
    const readers = this.#readers.get(app);
    if (!readers?.delete(source)) return;
    if (readers.size === 0) this.#readers.delete(app);
    if (this.#readers.size > 0) return;
    this.#copy?.stop();
    this.#copy = undefined;
  }

  *#all(): Iterable<Reader> {
    for (const readers of this.#readers.values()) yield* readers.values();
  }
}
