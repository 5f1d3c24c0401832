/** The connections to one endpoint: opened as they are needed, used again while they last. */
import type { Socket } from 'node:net';
import type { Clock } from '../clock.ts';
import { Connection, type ConnectionEvents, type ResponseHandler } from './connection.ts';
import type { WireRequest } from './request-head.ts';
import { WireError } from './wire-error.ts';

/** Whom the socket's bytes go to (`Connection.take`). */
export type Take = (bytes: Buffer, lent: boolean, more: boolean) => void;

/** Opens a connection; calls back once. @returns gives it up: it calls back at once then, with the reason */
export type Connect = (take: Take, callback: (error: Error | null, socket?: Socket) => void) => (reason: Error) => void;

export interface PoolParts {
  readonly connect: Connect;
  readonly clock: Clock;
  /** Milliseconds for which an idle connection is kept, where the service does not say. */
  readonly keepAlive: number;
}

/** Milliseconds before the end of what a service says it keeps an idle connection for: a request takes a while to be there. */
const BEFORE_ITS_END = 2_000;

/** The longest that it is believed. */
const LONGEST = 600_000;

export class Pool {
  readonly #parts: PoolParts;
  readonly #all = new Set<Connection>();
  /** The one that was used last is used first: those that are not needed become old. */
  readonly #idle: Connection[] = [];
  /** Of connections that are being opened, each for a request: gives it up. */
  readonly #opening = new Set<(reason: Error) => void>();
  #sweep: NodeJS.Timeout | undefined;
  #closing = false;
  readonly #gone = Promise.withResolvers<void>();
  readonly #events: ConnectionEvents = {
    onIdle: (connection, answer) => this.#keep(connection, answer),
    onGone: (connection) => this.#forget(connection),
  };

  constructor(parts: PoolParts) {
    this.#parts = parts;
  }

  /** Whether no request is taken any more. */
  get closed(): boolean {
    return this.#closing;
  }

  /** @param handler hears of everything, never before this returns but where a connection is at hand */
  dispatch(request: WireRequest, handler: ResponseHandler): void {
    if (this.#closing) {
      request.body?.destroy();
      handler.onError(new WireError('WIRE_CLOSED', 'no request is sent there any more'), false);
      return;
    }
    const connection = this.#take();
    if (connection) connection.send(request, handler);
    else this.#open(request, handler);
  }

  /** Once the exchanges under way are done. */
  close(): Promise<void> {
    this.#closing = true;
    for (const connection of this.#idle.splice(0)) connection.destroy();
    clearTimeout(this.#sweep);
    this.#settle();
    return this.#gone.promise;
  }

  /** At once: exchanges under way fail. */
  destroy(reason: Error): Promise<void> {
    const closed = this.close();
    for (const giveUp of this.#opening) giveUp(reason);
    for (const connection of this.#all) connection.destroy(reason);
    return closed;
  }

  #take(): Connection | undefined {
    if (this.#idle.length === 0) return undefined;
    const now = this.#parts.clock.now();
    for (let idle = this.#idle.pop(); idle; idle = this.#idle.pop()) {
      if (idle.until > now && idle.usable) return idle;
      idle.destroy();
    }
    return undefined;
  }

  #open(request: WireRequest, handler: ResponseHandler): void {
    let connection: Connection | undefined;
    let settled = false;
    let giveUp: ((reason: Error) => void) | undefined;
    const opened = (error: Error | null, socket?: Socket) => {
      settled = true;
      if (giveUp) this.#opening.delete(giveUp);
      if (!socket) {
        request.body?.destroy();
        this.#settle();
        handler.onError(error ?? new WireError('WIRE_CLOSED', 'no connection came of it'), false);
        return;
      }
      connection = new Connection(socket, this.#events);
      this.#all.add(connection);
      connection.send(request, handler);
    };
    // What a body reports meanwhile is found out when it is to be sent.
    request.body?.on('error', () => {});
    try {
      giveUp = this.#parts.connect((bytes, lent, more) => connection?.take(bytes, lent, more), opened);
    } catch (error) {
      if (settled) throw error;
      opened(error as Error);
      return;
    }
    if (!settled) this.#opening.add(giveUp);
  }

  #keep(connection: Connection, answer: { readonly idleSeconds: number | undefined } | undefined): void {
    const { clock, keepAlive } = this.#parts;
    const seconds = answer?.idleSeconds;
    const lasts = seconds === undefined ? keepAlive : Math.min(LONGEST, seconds * 1000 - BEFORE_ITS_END);
    if (this.#closing || lasts <= 0) {
      connection.destroy();
      return;
    }
    // One on which nothing was sent has become older, for the service.
    if (answer || connection.until === 0) connection.until = clock.now() + lasts;
    this.#idle.push(connection);
    this.#sweep ??= setTimeout(() => this.#closeOld(), Math.min(lasts, keepAlive)).unref();
  }

  /** Which are old, and nobody has asked for. */
  #closeOld(): void {
    this.#sweep = undefined;
    const now = this.#parts.clock.now();
    const left = this.#idle.splice(0).filter((connection) => {
      if (connection.until <= now) connection.destroy();
      return connection.until > now;
    });
    this.#idle.push(...left);
    if (left.length > 0) this.#sweep = setTimeout(() => this.#closeOld(), this.#parts.keepAlive).unref();
  }

  #forget(connection: Connection): void {
    this.#all.delete(connection);
    const at = this.#idle.indexOf(connection);
    if (at !== -1) this.#idle.splice(at, 1);
    this.#settle();
  }

  #settle(): void {
    if (this.#closing && this.#all.size === 0 && this.#opening.size === 0) this.#gone.resolve();
  }
}
