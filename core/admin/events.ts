/**
 * `GET /events`: the state of the gateway, and of its peer, once a second as server-sent events. `state` has all of it, `change`
 * what is another since the event before, as a merge patch (RFC 7396); both name their gateway. `peer` says how the other gateway
 * is reached. `?own` leaves the peer out, as a peer asks: what it is told never comes back to it.
 */
import type { Readable } from 'node:stream';
import type Router from '@koa/router';
import type { Clock } from '../clock.ts';
import type { ServiceView } from '../upstream/service-view.ts';
import { EVERY, History } from './history.ts';
import type { Peer } from './peer.ts';
import { event, Readers } from './readers.ts';
import { sampleOf } from './service-state.ts';
import { changeOf, type JsonObject } from './state-change.ts';

/** Pages at once, and as many peers. */
export const MAX_READERS = 16;

const INTERVAL = 1_000;

const GREETING = Buffer.from(': \n\n');

type Wish = 'own' | 'pair';

export interface EventStreamParts {
  readonly clock: Clock;
  state(): JsonObject;
  services(): readonly ServiceView[];
  readonly peer?: Peer | undefined;
}

export class EventStream {
  readonly #parts: EventStreamParts;
  readonly #history = new History();
  readonly #sampling: NodeJS.Timeout;
  readonly #readers: Readers<Wish>;
  /** As it was told last. */
  #state: JsonObject | undefined;

  constructor(parts: EventStreamParts) {
    this.#parts = parts;
    this.#readers = new Readers<Wish>({
      most: MAX_READERS,
      interval: INTERVAL,
      greeting: GREETING,
      begin: () => this.#begin(),
      onRead: (reads) => {
        if (!reads) this.#state = undefined;
      },
    });
    this.#sampling = setInterval(() => this.#sample(), EVERY).unref();
  }

  get readers(): number {
    return this.#readers.count;
  }

  /** The events for one more reader, who leaves by destroying them; `undefined` when there are as many as there may be. */
  join(wish: Wish): Readable | undefined {
    const alone = this.#readers.count === 0;
    const events = this.#readers.join(wish);
    if (!events) return undefined;
    if (wish === 'pair') this.#parts.peer?.read(events);
    // Whoever opens a page sees something at once.
    if (alone) setImmediate(() => this.turn());
    return events;
  }

  /** One interval. */
  turn(): void {
    this.#readers.turn();
  }

  close(): void {
    clearInterval(this.#sampling);
    this.#parts.peer?.close();
  }

  #sample(): void {
    const now = this.#parts.clock.now();
    const samples = this.#parts.services().map((service) => [service.name, sampleOf(service, now)] as const);
    this.#history.record(this.#parts.clock.epoch(), samples);
  }

  #begin(): (wish: Wish, followed: boolean) => Buffer {
    const { peer } = this.#parts;
    const before = this.#state;
    const state = this.#parts.state();
    this.#state = state;
    const own = {
      whole: once(() => event('state', { ...state, history: this.#history.report() })),
      change: once(() => (before ? event('change', { ...changeOf(before, state), gateway: state['gateway'] }) : '')),
    };
    const news = peer?.news();
    const bytes = {
      own: { whole: once(() => Buffer.from(own.whole())), change: once(() => Buffer.from(own.change())) },
      pair: {
        whole: once(() => Buffer.from(own.whole() + (peer?.whole() ?? ''))),
        change: once(() => Buffer.from(own.change() + (news ?? ''))),
      },
    };
    return (wish, followed) => (followed && before ? bytes[wish].change() : bytes[wish].whole());
  }
}

export function eventRoutes(router: Router, stream: EventStream): void {
  router.get('/events', (ctx) => {
    const events = ctx.method === 'HEAD' ? undefined : stream.join('own' in ctx.query ? 'own' : 'pair');
    const full = events === undefined && ctx.method !== 'HEAD';
    ctx.status = full ? 503 : 200;
    ctx.type = full ? 'text/plain' : 'text/event-stream;charset=UTF-8';
    ctx.set('Cache-Control', 'no-store');
    ctx.body = events ?? (full ? 'There are as many readers as there may be\n' : '');
  });
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
