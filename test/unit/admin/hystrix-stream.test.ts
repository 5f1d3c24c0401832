import { once } from 'node:events';
import { get, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { createAdminServer } from '../../../core/admin/admin.ts';
import { HystrixStream } from '../../../core/admin/hystrix-stream.ts';
import { Store } from '../../../core/cache/store.ts';
import { RecentRequests } from '../../../core/middleware/recent-requests.ts';
import type { Logger } from '../../../core/telemetry/logger.ts';
import type { ServiceView } from '../../../core/upstream/service-view.ts';
import { aService } from './a-service.ts';

const clock = { now: () => 10_000, epoch: () => 1_800_000_000_000 };

describe('the Hystrix stream', () => {
  let services: ServiceView[];
  let made: number;
  let stream: HystrixStream;

  beforeEach(() => {
    services = [aService('stock'), aService('prices')];
    made = 0;
    stream = new HystrixStream({
      clock,
      services: () => {
        made += 1;
        return services;
      },
    });
  });

  /** A reader, and what it was sent so far, each event by type and name. */
  function reader(delay?: number) {
    const events = stream.join(delay);
    if (!events) throw new Error('no place');
    return { events, read: () => summary(String(events.read() ?? '')) };
  }

  it('begins with a ping; then every turn brings the commands, then their pools', () => {
    const { events, read } = reader();
    expect(read()).to.deep.equal(['ping']);
    stream.turn();
    expect(read()).to.deep.equal(['HystrixCommand stock', 'HystrixCommand prices', 'HystrixThreadPool stock', 'HystrixThreadPool prices']);
    events.destroy();
  });

  it('pings while there is no service', () => {
    services = [];
    const { events, read } = reader();
    read();
    stream.turn();
    expect(read()).to.deep.equal(['ping']);
    events.destroy();
  });

  it('is made once a turn for all readers, and not at all for none', async () => {
    stream.turn();
    expect(made).to.equal(0);
    const readers = [reader(), reader(), reader()];
    for (const { read } of readers) read();
    stream.turn();
    expect(made).to.equal(1);
    expect(new Set(readers.map(({ read }) => read().length))).to.deep.equal(new Set([4]));
    for (const { events } of readers) events.destroy();
    await Promise.all(readers.map(({ events }) => once(events, 'close')));
    stream.turn();
    expect([made, stream.readers]).to.deep.equal([1, 0]);
  });

  it('serves a reader as seldom as it asks, in whole turns; what is no number asks for nothing', () => {
    const readers = [1, 501, 1_500, -1, Number.NaN].map((delay) => reader(delay));
    for (const { read } of readers) read();
    const turns = Array.from({ length: 6 }, () => {
      stream.turn();
      return readers.map(({ read }) => Math.sign(read().length));
    });
    expect(readers.map((_reader, index) => turns.map((turn) => turn[index]).join(''))).to.deep.equal([
      '111111',
      '101010',
      '100100',
      '111111',
      '111111',
    ]);
    for (const { events } of readers) events.destroy();
  });

  it('lets nobody ask for longer than a minute, of which it has two turns a second', () => {
    const readers = [60_000, 1e12, Number.POSITIVE_INFINITY].map((delay) => reader(delay));
    for (const { read } of readers) read();
    const served = readers.map((): number[] => []);
    for (let turn = 1; turn <= 242; turn += 1) {
      stream.turn();
      for (const [index, { read }] of readers.entries()) if (read().length > 0) served[index]?.push(turn);
    }
    expect(served).to.deep.equal(Array(3).fill([1, 121, 241]));
    for (const { events } of readers) events.destroy();
  });

  it('keeps at most one turn for a reader that is behind, and drops it when it stays so', async () => {
    const { events } = reader();
    const slow = reader();
    events.read();
    stream.turn();
    const { readableLength } = events;
    for (let turn = 0; turn < 19; turn += 1) {
      if (turn === 15) slow.read();
      stream.turn();
    }
    expect([events.readableLength, events.destroyed]).to.deep.equal([readableLength, false]);
    const gone = once(events, 'close');
    stream.turn();
    await gone;
    expect(events.destroyed).to.equal(true);
    expect([slow.events.destroyed, stream.readers]).to.deep.equal([false, 1]);
    slow.events.destroy();
  });
});

describe('/hystrix.stream on the admin port', () => {
  let server: Server;
  let logged: object[];

  beforeEach(async () => {
    logged = [];
    server = createAdminServer({
      health: { started: true, draining: false, settled: false },
      scrape: async () => [],
      logger: { error: (record: object) => logged.push(record) } as unknown as Logger,
      clock,
      store: new Store({ memory: 1024 }),
      discoveries: () => new Map(),
      guard: { host: '127.0.0.1', token: () => undefined },
      openapi: () => '{}',
      stats: () => {
        throw new Error('Nobody asks for them here');
      },
      explain: () => Promise.reject(new Error('nobody asks')),
      revision: () => '',
      recent: new RecentRequests(),
      services: () => [aService('stock')],
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  async function read(query = ''): Promise<IncomingMessage> {
    const request = get({ port: (server.address() as AddressInfo).port, path: `/hystrix.stream${query}`, agent: false });
    const [answer] = (await once(request, 'response')) as [IncomingMessage];
    return answer;
  }

  /** The sixth reader's status again and again, until there is a place for it. */
  async function placeFreed(): Promise<IncomingMessage> {
    for (;;) {
      const answer = await read();
      if (answer.statusCode === 200) return answer;
      answer.resume();
    }
  }

  it('is an event stream that nobody keeps', async () => {
    const answer = await read('?delay=2000');
    expect(answer.statusCode).to.equal(200);
    expect(answer.headers).to.include({
      'content-type': 'text/event-stream;charset=UTF-8',
      'cache-control': 'no-cache, no-store, max-age=0, must-revalidate',
      pragma: 'no-cache',
    });
    let text = '';
    for await (const chunk of answer) {
      text += String(chunk);
      if (text.includes('HystrixThreadPool') && text.endsWith('\n\n')) break;
    }
    expect(summary(text)).to.deep.equal(['ping', 'HystrixCommand stock', 'HystrixThreadPool stock']);
  });

  it('has five readers; the sixth is told so, until one of them leaves, which is no fault', async () => {
    const readers = await Promise.all(Array.from({ length: 5 }, () => read()));
    expect(readers.map(({ statusCode }) => statusCode)).to.deep.equal([200, 200, 200, 200, 200]);
    const refused = await read();
    expect(refused.statusCode).to.equal(503);
    expect((await refused.toArray()).join('')).to.equal('MaxConcurrentConnections reached: 5\n');
    readers[2]?.destroy();
    expect((await placeFreed()).statusCode).to.equal(200);
    expect(logged).to.deep.equal([]);
  });

  it('ends with the server', async () => {
    const answer = await read();
    const ended = once(answer, 'error');
    answer.resume();
    server.closeAllConnections();
    expect(((await ended)[0] as NodeJS.ErrnoException).code).to.equal('ECONNRESET');
    expect(logged).to.deep.equal([]);
  });

  it('answers HEAD without taking a place', async () => {
    for (let time = 0; time < 6; time += 1) {
      const { port } = server.address() as AddressInfo;
      expect((await fetch(`http://127.0.0.1:${port}/hystrix.stream`, { method: 'HEAD' })).status).to.equal(200);
    }
  });
});

/** Each event by its type and name, a ping as `ping`. */
function summary(text: string): string[] {
  const events = text.split('\n\n');
  expect(events.pop()).to.equal('');
  return events.map((event) => {
    if (event === 'ping: ') return 'ping';
    expect(event).to.match(/^data: \{.*\}$/);
    const { type, name } = JSON.parse(event.slice(6)) as { type: string; name: string };
    return `${type} ${name}`;
  });
}
