/** The events of a Eureka cluster whose servers tell of changes, as Postern's own registry does: one connection, opened again and again. */
import type { Clock, Random } from '../clock.ts';
import { EurekaRefusal, type EurekaServers, openEvents } from './eureka-servers.ts';
import { EventReader } from './event-stream.ts';
import { type Fields, fieldsOf } from './fields.ts';

export interface EurekaEventsParts {
  readonly servers: EurekaServers;
  readonly clock: Clock;
  readonly random: Random;
  /** The server tells of all that happens from now on; what happened before is to be asked. */
  onReady(): void;
  /** What happened, one after the other. @throws when it cannot be taken in, which ends the connection */
  onChanges(changes: readonly Fields[]): void;
  /** A connection that was ready is no more, and nobody tells of changes. */
  onLost(): void;
}

/** Characters of one event, which has one instance: with all its metadata far fewer. */
const LONGEST = 1024 * 1024;
/** Milliseconds without an event or a beat, which come every 10 s: the connection is dead, whatever the system says. */
const SILENCE = 30_000;
/** Milliseconds of the first pause before another try and of the longest, half of each by chance; they double between. */
const AGAIN = 500;
const LONGEST_PAUSE = 30_000;
/** Milliseconds after which a server without events is asked for them again: it may have been replaced. */
const NONE = 5 * 60_000;
/** Milliseconds that a connection lasts which was no mere failure. */
const LASTING = 10_000;

export class EurekaEvents {
  readonly #parts: EurekaEventsParts;
  readonly #over = new AbortController();
  /** Ends the connection or the pause of now, and tries at once. */
  #turn = new AbortController();
  #server: string | undefined;
  #ready = false;

  constructor(parts: EurekaEventsParts) {
    this.#parts = parts;
  }

  start(): void {
    void this.#run();
  }

  stop(): void {
    this.#over.abort();
    this.#turn.abort();
  }

  /** Turns to the server that is in use, if it is another than the one whose events these are. */
  follow(): void {
    if (this.#server !== this.#parts.servers.current) this.#turn.abort();
  }

  async #run(): Promise<void> {
    const { servers, clock, random, onLost } = this.#parts;
    let failures = 0;
    /** How many servers were tried since the one in use. */
    let tried = 0;
    while (!this.#over.signal.aborted) {
      this.#turn = new AbortController();
      const { signal } = this.#turn;
      const begun = clock.now();
      let pause = AGAIN;
      try {
        this.#server = servers.after(tried);
        if (this.#server === undefined) return;
        await this.#read(this.#server, signal);
      } catch (error) {
        if (error instanceof EurekaRefusal && NO_EVENTS.has(error.status)) pause = NONE;
      }
      if (this.#over.signal.aborted) return;
      const lasted = this.#ready && clock.now() - begun >= LASTING;
      if (this.#ready) onLost();
      this.#ready = false;
      failures = lasted || pause === NONE ? 0 : failures + 1;
      tried = lasted || pause === NONE ? 0 : tried + 1;
      if (pause !== NONE) pause = Math.min(LONGEST_PAUSE, AGAIN * 2 ** Math.max(0, failures - 1));
      await over(pause * (0.5 + random() / 2), signal);
      // The one in use now comes first, but where servers cannot agree which that is, the pauses grow all the same.
      if (signal.aborted) tried = 0;
    }
  }

  /** Until the connection ends, one way or another. */
  async #read(server: string, turn: AbortSignal): Promise<void> {
    const { servers, onReady, onChanges } = this.#parts;
    const silent = new AbortController();
    const watch = setTimeout(() => silent.abort(new Error(`nothing for ${SILENCE} ms`)), SILENCE).unref();
    try {
      const reader = new EventReader(LONGEST);
      for await (const chunk of await openEvents(server, AbortSignal.any([turn, silent.signal]))) {
        watch.refresh();
        const events = reader.take(chunk);
        if (!this.#ready && events[0]?.event === 'ready') {
          this.#ready = true;
          servers.use(server);
          onReady();
        }
        const changes = events.filter(({ event }) => event === 'change').map(({ data }) => fieldsOf(JSON.parse(data)));
        if (this.#ready && changes.length > 0) onChanges(changes);
      }
    } finally {
      clearTimeout(watch);
    }
  }
}

/** Of a server that is well, but knows of no events: not found, not allowed, not acceptable, or another answer altogether. */
const NO_EVENTS: ReadonlySet<number> = new Set([200, 404, 405, 406, 410, 501]);

/** Resolves after so many milliseconds, or when the signal says so. */
function over(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, milliseconds).unref();
    signal.addEventListener('abort', end, { once: true });
  });
}
