/** Pools towards services that are scripted byte by byte, and one who asks and notes all that it is told. Nothing may escape to the process. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { createServer as createTlsServer } from 'node:tls';
import { expect } from 'chai';
import { connector } from '../../../core/endpoint/connector.ts';
import { serverNameOf } from '../../../core/endpoint/opener.ts';
import type { ResponseHandler } from '../../../core/http1/connection.ts';
import type { Controller } from '../../../core/http1/controller.ts';
import { type Connect, Pool } from '../../../core/http1/pool.ts';
import type { WireRequest } from '../../../core/http1/request-head.ts';
import type { ResponseHead } from '../../../core/http1/response-head.ts';
import { Wire } from '../../conformance/support/wire.ts';
import type { Certificate } from '../../support/certificates.ts';
import { type TestClock, testClock } from '../../support/clock.ts';

export const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

/** What may be told differently. */
type Instead = Partial<Record<'begin' | 'sent' | 'head' | 'data' | 'end' | 'error', (asker: Asker) => void>>;

export class Asker implements ResponseHandler {
  /** In the order they came. */
  readonly told: string[] = [];
  controller: Controller | undefined;
  status = 0;
  bytes = 0;
  body = '';
  trailers: readonly string[] = [];
  error: (Error & { readonly code?: unknown }) | undefined;
  stale: boolean | undefined;
  /** How often it was told that it is over. */
  ends = 0;
  readonly #instead: Instead;
  readonly #waiting = new Map<string, PromiseWithResolvers<void>>();

  constructor(instead: Instead = {}) {
    this.#instead = instead;
  }

  /** Resolves when it has been told so once. */
  until(what: string): Promise<void> {
    return this.#waitFor(what).promise;
  }

  /** Resolves when it is over. */
  async over(): Promise<this> {
    await this.until('over');
    return this;
  }

  onBegin(controller: Controller): void {
    this.controller = controller;
    this.#note('begin');
  }

  onSent(): void {
    this.#note('sent');
  }

  onHead({ status }: ResponseHead, controller: Controller): void {
    this.controller = controller;
    this.status = status;
    this.#note('head');
  }

  onData(piece: Buffer): void {
    this.bytes += piece.length;
    if (this.body.length < 100_000) this.body += piece.toString('latin1');
    this.#note('data');
  }

  onEnd(trailers: readonly string[]): void {
    this.trailers = trailers;
    this.ends += 1;
    this.#note('end');
    this.#note('over');
  }

  onError(error: Error, stale: boolean): void {
    this.error = error;
    this.stale = stale;
    this.ends += 1;
    this.#note('error');
    this.#note('over');
  }

  #waitFor(what: string): PromiseWithResolvers<void> {
    const waiting = this.#waiting.get(what) ?? Promise.withResolvers<void>();
    this.#waiting.set(what, waiting);
    return waiting;
  }

  #note(what: string): void {
    if (what !== 'over' && this.told.length < 100) this.told.push(what);
    this.#waitFor(what).resolve();
    this.#instead[what as keyof Instead]?.(this);
  }
}

/** A body that counts how often it was destroyed. */
export class Body extends Readable {
  destroyals = 0;
  readonly gone = Promise.withResolvers<void>();

  /** @param ends whether it does, behind the pieces */
  constructor(pieces: readonly (string | Buffer)[], ends = true) {
    super({ read() {} });
    for (const piece of pieces) this.push(piece);
    if (ends) this.push(null);
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.destroyals += 1;
    this.gone.resolve();
    callback(error);
  }
}

export interface Service {
  readonly port: number;
  readonly pool: Pool;
  readonly clock: TestClock;
  /** The connections that were accepted, in order. */
  readonly wires: Wire[];
  /** What is below them: where they are TLS, another. */
  readonly below: Socket[];
  /** Our ends of them. */
  readonly sockets: Socket[];
  /** Resolves with the nth connection (from 0). */
  wire(nth?: number): Promise<Wire>;
  ask(request?: Partial<WireRequest>, instead?: Instead): Asker;
  /** Resolves with what came of it. */
  asked(request?: Partial<WireRequest>, instead?: Instead): Promise<Asker>;
}

type Script = (wire: Wire, nth: number) => Promise<unknown> | unknown;

/** Answers every request that has no body. */
export const always =
  (answer = OK): Script =>
  async (wire) => {
    for (let count = 1; ; count += 1) {
      await wire.head(count);
      wire.send(answer);
    }
  };

export interface ServiceOptions {
  /** With which it speaks TLS. */
  readonly certificate?: Certificate;
  /** How it is called; by its address unless given. */
  readonly hostname?: string;
  /** Milliseconds for which the pool keeps an idle connection; 4 s unless given. */
  readonly keepAlive?: number;
}

export interface Stage {
  service(script: Script, options?: ServiceOptions): Promise<Service>;
  /** A pool whose connections are opened so. */
  poolOf(connect: Connect, clock?: TestClock): Pool;
  after(close: () => unknown): void;
}

/** Call it inside `describe`. */
export function poolStage(): Stage {
  const closers: (() => unknown)[] = [];
  const escaped: unknown[] = [];
  const note = (error: unknown) => void escaped.push(error);
  beforeEach(() => {
    escaped.length = 0;
    process.on('uncaughtExceptionMonitor', note).on('warning', note);
  });
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
    process.off('uncaughtExceptionMonitor', note).off('warning', note);
    expect(escaped).to.deep.equal([]);
  });
  const after = (close: () => unknown) => void closers.push(close);
  const poolOf = (connect: Connect, clock: TestClock = testClock(), keepAlive = 4_000) => {
    const pool = new Pool({ connect, clock, keepAlive });
    after(() => pool.destroy(new Error('the test is over')));
    return pool;
  };

  return {
    after,
    poolOf,
    async service(script, { certificate, hostname = '127.0.0.1', keepAlive } = {}) {
      const wires: Wire[] = [];
      const below: Socket[] = [];
      let wake = Promise.withResolvers<void>();
      const accept = (socket: Socket) => {
        const wire = new Wire(socket);
        wires.push(wire);
        wake.resolve();
        wake = Promise.withResolvers<void>();
        // It may fail: its peer may hang up any time.
        Promise.resolve(script(wire, wires.length - 1)).catch(() => {});
      };
      const server = certificate ? createTlsServer({ cert: certificate.cert, key: certificate.key }, accept) : createServer(accept);
      server.on('tlsClientError', () => {}).on('connection', (socket) => below.push(socket));
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      after(async () => {
        const closed = new Promise((resolve) => server.close(resolve));
        for (const { socket } of wires) socket.destroy();
        await closed;
      });
      const { port } = server.address() as AddressInfo;
      const protocol = certificate ? 'https:' : 'http:';
      const connect = connector({ protocol, hostname, port, serverName: serverNameOf(hostname, undefined) }, 5_000);
      const sockets: Socket[] = [];
      const clock = testClock();
      const pool = poolOf(
        (take, callback) =>
          connect(take, (error, socket) => {
            if (socket) sockets.push(socket);
            callback(error, socket);
          }),
        clock,
        keepAlive,
      );
      const ask: Service['ask'] = (request, instead) => {
        const asker = new Asker(instead);
        pool.dispatch({ method: 'GET', path: '/', host: 'a', fields: [], body: undefined, idle: 5_000, ...request }, asker);
        return asker;
      };
      const wire = async (nth = 0): Promise<Wire> => {
        const there = wires[nth];
        if (there) return there;
        await wake.promise;
        return wire(nth);
      };
      return { port, pool, clock, wires, below, sockets, wire, ask, asked: (request, instead) => ask(request, instead).over() };
    },
  };
}

/** Resolves when the event loop has gone round, and with it all that was ready. */
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
