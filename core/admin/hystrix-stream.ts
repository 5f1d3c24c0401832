/** `/hystrix.stream`: every service twice a second as server-sent events, for Hystrix's dashboard, Turbine and what else reads them. */
import { Readable } from 'node:stream';
import type { Clock } from '../clock.ts';
import type { ServiceView } from '../upstream/service-view.ts';
import { hystrixCommand, hystrixThreadPool } from './hystrix-data.ts';

/** `hystrix.config.stream.maxConcurrentConnections` */
export const MAX_READERS = 5;

/** `hystrix.stream.dashboard.intervalInMilliseconds` */
const INTERVAL = 500;

/** The longest that a reader may ask for: each turn also finds out whether it still reads. */
const LONGEST = 60_000;

/** Turns in a row that find a reader with the events of an earlier one: so many, and nobody reads there. */
const MISSED_TURNS = 20;

const PING = Buffer.from('ping: \n\n');

interface Reader {
  readonly events: Readable;
  /** It has its events every so many turns. */
  readonly every: number;
  turnsLeft: number;
  missed: number;
}

export interface HystrixStreamParts {
  services(): readonly ServiceView[];
  readonly clock: Clock;
}

export class HystrixStream {
  readonly #parts: HystrixStreamParts;
  readonly #readers = new Set<Reader>();
  #timer: NodeJS.Timeout | undefined;

  constructor(parts: HystrixStreamParts) {
    this.#parts = parts;
  }

  get readers(): number {
    return this.#readers.size;
  }

  /**
   * The events for one more reader, who leaves by destroying them; `undefined` when there are as many as there may be.
   * @param delay milliseconds between two events of a service, rounded up to whole intervals; as Hystrix does, what is no
   * number is taken as the interval
   */
  join(delay = INTERVAL): Readable | undefined {
    if (this.#readers.size >= MAX_READERS) return undefined;
    const events = new Readable({ read() {} });
    const every = Math.min(LONGEST / INTERVAL, Math.max(1, Math.ceil(delay / INTERVAL) || 1));
    const reader: Reader = { events, every, turnsLeft: 1, missed: 0 };
    events.push(PING);
    events.once('close', () => this.#leave(reader));
    this.#readers.add(reader);
    this.#timer ??= setInterval(() => this.turn(), INTERVAL);
    return events;
  }

  /** One interval: whose turn it is gets the same bytes, made once. Called by a timer of its own while anybody reads. */
  turn(): void {
    let bytes: Buffer | undefined;
    for (const reader of this.#readers) {
      reader.turnsLeft -= 1;
      if (reader.turnsLeft > 0) continue;
      reader.turnsLeft = reader.every;
      if (reader.events.readableLength > 0) {
        reader.missed += 1;
        if (reader.missed >= MISSED_TURNS) reader.events.destroy();
        continue;
      }
      reader.missed = 0;
      bytes ??= this.#bytes();
      reader.events.push(bytes);
    }
  }

  #leave(reader: Reader): void {
    this.#readers.delete(reader);
    if (this.#readers.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #bytes(): Buffer {
    const { clock } = this.#parts;
    const services = this.#parts.services();
    if (services.length === 0) return PING;
    const data = [
      ...services.map((service) => hystrixCommand(service, clock)),
      ...services.map((service) => hystrixThreadPool(service, clock)),
    ];
    return Buffer.from(data.map((one) => `data: ${JSON.stringify(one)}\n\n`).join(''));
  }
}
