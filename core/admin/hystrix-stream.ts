/** `/hystrix.stream`: every service twice a second as server-sent events, for Hystrix's dashboard, Turbine and what else reads them. */
import type { Readable } from 'node:stream';
import type { Clock } from '../clock.ts';
import type { ServiceView } from '../upstream/service-view.ts';
import { hystrixCommand, hystrixThreadPool } from './hystrix-data.ts';
import { Readers } from './readers.ts';

/** `hystrix.config.stream.maxConcurrentConnections` */
export const MAX_READERS = 5;

/** `hystrix.stream.dashboard.intervalInMilliseconds` */
const INTERVAL = 500;

/** The longest that a reader may ask for: each turn also finds out whether it still reads. */
const LONGEST = 60_000;

const PING = Buffer.from('ping: \n\n');

export interface HystrixStreamParts {
  services(): readonly ServiceView[];
  readonly clock: Clock;
}

export class HystrixStream {
  readonly #parts: HystrixStreamParts;
  readonly #readers = new Readers<'all'>({
    most: MAX_READERS,
    interval: INTERVAL,
    greeting: PING,
    begin: () => {
      const bytes = this.#bytes();
      return () => bytes;
    },
  });

  constructor(parts: HystrixStreamParts) {
    this.#parts = parts;
  }

  get readers(): number {
    return this.#readers.count;
  }

  /**
   * The events for one more reader, who leaves by destroying them; `undefined` when there are as many as there may be.
   * @param delay milliseconds between two events of a service, rounded up to whole intervals; as Hystrix does, what is no
   * number is taken as the interval
   */
  join(delay = INTERVAL): Readable | undefined {
    return this.#readers.join('all', Math.min(LONGEST / INTERVAL, Math.max(1, Math.ceil(delay / INTERVAL) || 1)));
  }

  /** One interval: whose turn it is gets the same bytes, made once. */
  turn(): void {
    this.#readers.turn();
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
