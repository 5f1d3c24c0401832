/**
 * What a test puts up, taken down after it: services, gateways, clients. Every test on a stage is also a test that nothing
 * escapes to the process: an uncaught exception or an unhandled rejection fails it.
 */

import type { RequestListener } from 'node:http';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { expect } from 'chai';
import { open as connect, exchange, type RawAnswer } from '../../support/client.ts';
import { type Given, open, startPrivate, startPublic, type TestGateway, type TestOptions } from '../../support/gateways.ts';
import { startUpstream, type Upstream } from '../../support/upstream.ts';
import { Wire } from './wire.ts';

export interface Scripted {
  readonly url: string;
  readonly port: number;
  /** The connections accepted so far, in order. */
  readonly wires: Wire[];
  /** Resolves with the nth connection (from 0). */
  wire(nth: number): Promise<Wire>;
}

/** @param nth which connection it is, from 0 */
type Script = (wire: Wire, nth: number) => Promise<unknown> | unknown;
type More = Parameters<typeof open>[1];

export interface Stage {
  /** An HTTP service; by default it answers with what it received. */
  service(listener?: RequestListener): Promise<Upstream>;
  /** A service that says what the script tells it, on every connection. A script may fail: its peer may hang up any time. */
  scripted(script: Script): Promise<Scripted>;
  /** A service that answers every request head with these bytes. @param then what it does after them */
  answering(bytes: string, then?: 'end' | 'reset' | 'stay'): Promise<Scripted>;
  /** A public gateway on which everything goes to one service, and anybody may. */
  gateway(upstream: { url: string }, more?: More, options?: TestOptions): Promise<TestGateway>;
  privateGateway(upstream: { url: string }, more?: More): Promise<TestGateway>;
  publicFrom(given: Given, options?: TestOptions): Promise<TestGateway>;
  client(gateway: { port: number }): Promise<Wire>;
  /** Sends bytes on a connection of their own; resolves with all that came until it closed. */
  exchange(gateway: { port: number }, bytes: string): Promise<RawAnswer>;
  /** A GET with `Connection: close` and these lines. */
  get(gateway: { port: number }, ...lines: string[]): Promise<RawAnswer>;
  /** Calls back after the test. */
  after(close: () => unknown): void;
}

export function stage(): Stage {
  const closers: (() => unknown)[] = [];
  const escaped: unknown[] = [];
  const note = (error: unknown) => void escaped.push(error);

  beforeEach(() => {
    escaped.length = 0;
    process.on('uncaughtExceptionMonitor', note);
  });
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
    process.off('uncaughtExceptionMonitor', note);
    expect(escaped).to.deep.equal([]);
  });

  const after = (close: () => unknown) => void closers.push(close);
  const started = async (starting: Promise<TestGateway>): Promise<TestGateway> => {
    const gateway = await starting;
    let drained = false;
    after(() => drained || gateway.stop());
    return {
      ...gateway,
      drain() {
        drained = true;
        return gateway.drain();
      },
    };
  };

  const self: Stage = {
    after,
    async service(listener) {
      const upstream = await startUpstream(listener);
      after(() => upstream.close());
      return upstream;
    },
    async scripted(script) {
      const upstream = await startScripted(script);
      after(upstream.close);
      return upstream;
    },
    answering: (bytes, then = 'stay') =>
      self.scripted(async (wire) => {
        for (let count = 1; ; count += 1) {
          await wire.head(count);
          wire.send(bytes);
          if (then === 'end') wire.end();
          if (then === 'reset') wire.socket.write('', () => wire.reset());
        }
      }),
    gateway: (upstream, more, options) => self.publicFrom(open(upstream.url, tryingOnce(more)), options),
    privateGateway: (upstream, more) => started(startPrivate(open(upstream.url, tryingOnce(more)))),
    publicFrom: (given, options) => started(startPublic(given, options)),
    async client({ port }) {
      const wire = new Wire(await connect(port));
      after(() => wire.socket.destroy());
      return wire;
    },
    exchange: ({ port }, bytes) => exchange(port, Buffer.from(bytes, 'latin1')),
    get: (gateway, ...lines) =>
      self.exchange(gateway, `${['GET / HTTP/1.1', 'Host: a', ...lines, 'Connection: close'].join('\r\n')}\r\n\r\n`),
  };
  return self;
}

/** These suites are about one try; what is made of a failed one has tests of its own. */
function tryingOnce(more: Parameters<typeof open>[1] = {}): Parameters<typeof open>[1] {
  return { ...more, service: { retry: { attempts: 0 }, circuitBreaker: { force: 'closed' }, ...more.service } };
}

async function startScripted(script: Script): Promise<Scripted & { close: () => Promise<void> }> {
  const wires: Wire[] = [];
  const waiting: (() => void)[] = [];
  const server = createServer(async (socket: Socket) => {
    const wire = new Wire(socket);
    wires.push(wire);
    for (const wake of waiting.splice(0)) wake();
    try {
      await script(wire, wires.length - 1);
    } catch {
      // The gateway hung up: what that means is the test's to say.
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const wire = (nth: number): Promise<Wire> => {
    const there = wires[nth];
    return there ? Promise.resolve(there) : new Promise<void>((resolve) => waiting.push(resolve)).then(() => wire(nth));
  };
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    wires,
    wire,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const { socket } of wires) socket.destroy();
      }),
  };
}
