/** One user's filter at work on one request: its view of the exchange, the call that it may make, and the time that it has. */
import type { Clock } from '../clock.ts';
import { Problem } from '../problem.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Bound } from './chain.ts';
import type { RequestExchange } from './exchange.ts';
import type { FilterError, FilterExchange, FilterLog, FilterRequest, FilterResponse } from './filter.ts';
import { give, misuse } from './stray.ts';
import { RequestView, ResponseView, type Viewer } from './views.ts';

export interface TurnParts {
  readonly exchange: RequestExchange;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Milliseconds. */
  readonly timeout: number;
  /** Calls the service by way of the route filters behind; in stage route alone. */
  readonly call: (() => Promise<void>) | undefined;
}

export class Turn implements FilterExchange {
  // Of the object itself: filters take them out of it.
  readonly respond: FilterExchange['respond'] = (status, headers, body) => {
    this.#mustBeOn();
    try {
      this.#parts.exchange.respond(status, headers, body);
    } catch (error) {
      throw give(error);
    }
  };
  readonly next: FilterExchange['next'] = () => this.#wait(this.#call());
  readonly #filter: Bound & { readonly foreign: true };
  readonly #parts: TurnParts;
  readonly #viewer: Viewer = { wait: (promise) => this.#wait(promise), mayChange: () => this.#mustBeOn() };
  #request: RequestView | undefined;
  #response: ResponseView | undefined;
  #error: Problem | undefined;
  #log: FilterLog | undefined;
  #called = false;
  #over = false;
  #away = 0;
  #waiting = 0;
  #waitsSince = 0;
  #timer: NodeJS.Timeout | undefined;
  #startedAt = 0;
  #late: ((error: Error) => void) | undefined;

  constructor(filter: Bound & { readonly foreign: true }, parts: TurnParts) {
    this.#filter = filter;
    this.#parts = parts;
  }

  /** @throws what the filter throws, an Error when it takes too long */
  async run(): Promise<void> {
    this.#startedAt = this.#parts.clock.now();
    try {
      const running = this.#filter.run(this);
      // Of those that end at once nothing need be waited for.
      if (typeof (running as { then?: unknown } | undefined)?.then === 'function') await this.#inTime(running as Promise<unknown>);
    } finally {
      this.#over = true;
    }
  }

  /** Milliseconds in which it waited for the client or the service. */
  get away(): number {
    return this.#away;
  }

  get request(): FilterRequest {
    const { ctx, outgoing } = this.#parts.exchange;
    this.#request ??= new RequestView(ctx, outgoing, this.#viewer);
    return this.#request;
  }

  get response(): FilterResponse {
    const { exchange } = this.#parts;
    exchange.current();
    this.#response ??= new ResponseView(exchange, this.#viewer);
    return this.#response;
  }

  get route(): { readonly name: string } {
    return { name: this.#parts.exchange.ctx.state.route?.name ?? '' };
  }

  get service(): string | undefined {
    return this.#parts.exchange.outgoing.service?.name;
  }

  get error(): FilterError | undefined {
    const { error } = this.#parts.exchange;
    // A copy: what a filter does to it changes neither the answer nor the log.
    if (error) this.#error ??= give(new Problem(error.code, { ...error.options, cause: error }));
    return this.#error;
  }

  get state(): Map<unknown, unknown> {
    return this.#parts.exchange.state;
  }

  get log(): FilterLog {
    const { requestId, route } = this.#parts.exchange.ctx.state;
    this.#log ??= this.#parts.logger.child({ event: 'filter', filter: this.#filter.name, requestId, route: route?.name });
    return this.#log;
  }

  async #call(): Promise<FilterResponse> {
    const { call, exchange } = this.#parts;
    this.#mustBeOn();
    if (!call || this.#called) throw misuse('next() is for stage route, once');
    if (exchange.answer) throw misuse('The request is answered already');
    this.#called = true;
    await call();
    return this.response;
  }

  #mustBeOn(): void {
    if (this.#over) throw misuse(`The filter ${this.#filter.name} has ended`);
  }

  /** What others take their time for is not counted. */
  #wait<T>(promise: Promise<T>): Promise<T> {
    if (this.#waiting === 0) {
      this.#waitsSince = this.#parts.clock.now();
      clearTimeout(this.#timer);
    }
    this.#waiting += 1;
    const goOn = () => {
      this.#waiting -= 1;
      if (this.#waiting > 0) return;
      this.#away += this.#parts.clock.now() - this.#waitsSince;
      this.#setTimer();
    };
    // Also for a filter that does not look at what becomes of it: no failure may be left that nobody hears.
    promise.then(goOn, (error) => {
      give(error);
      goOn();
    });
    return promise;
  }

  async #inTime(running: Promise<unknown>): Promise<void> {
    const { promise: late, reject } = Promise.withResolvers<never>();
    this.#late = reject;
    this.#setTimer();
    try {
      await Promise.race([running, late]);
    } finally {
      this.#late = undefined;
      clearTimeout(this.#timer);
    }
  }

  #setTimer(): void {
    const late = this.#late;
    if (!late || this.#waiting > 0) return;
    const { clock, timeout } = this.#parts;
    const left = timeout - (clock.now() - this.#startedAt - this.#away);
    this.#timer = setTimeout(() => late(new Error(`${this.#filter.name} took longer than ${timeout} ms`)), Math.max(0, left)).unref();
  }
}
