/** Pools towards services that are scripted byte by byte. Nothing may escape to the process. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { createServer as createTlsServer } from 'node:tls';
import { expect } from 'chai';
import { connector } from '../../../core/endpoint/connector.ts';
import { serverNameOf } from '../../../core/endpoint/opener.ts';
import { type Connect, Pool } from '../../../core/http1/pool.ts';
import type { WireRequest } from '../../../core/http1/request-head.ts';
import { Wire } from '../../conformance/support/wire.ts';
import type { Certificate } from '../../support/certificates.ts';
import { type TestClock, testClock } from '../../support/clock.ts';
import { Asker, type Instead } from './an-asker.ts';

export const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

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

/** Holds that another answer behind one is nobody's, where the first fills all that is read at once, and the other is read with the next. */
export async function takesNothingBehind(service: (script: Script) => Promise<Service>, readAtOnce: number): Promise<void> {
  const head = 'HTTP/1.1 200 OK\r\nContent-Length: ';
  const length = readAtOnce - `${head}${readAtOnce}\r\n\r\n`.length;
  const { asked, wires } = await service(async (wire) => {
    await wire.head();
    wire.send(`${head}${length}\r\n\r\n${'x'.repeat(length)}${OK}`);
  });
  const [first, second] = [await asked(), await asked()];
  expect([first.bytes, second.bytes]).to.deep.equal([length, length]);
  expect(wires).to.have.length(2);
  await Promise.all(wires.map(({ closed }) => closed));
}

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
      const connect = connector({ protocol, hostname, port, servername: serverNameOf(hostname, undefined) }, 5_000);
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
