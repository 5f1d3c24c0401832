import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mock } from 'node:test';
import { expect } from 'chai';
import { EurekaRegistration } from '../../../core/registry/eureka-registration.ts';
import { testClock } from '../../support/clock.ts';

interface Told {
  readonly line: string;
  readonly instance: Record<string, string> | undefined;
}

/** A server that answers what the test says, and keeps what it was told. */
async function aServer() {
  const told: Told[] = [];
  const server = createServer(async (req, res) => {
    const body = (await req.toArray()).join('');
    told.push({ line: `${req.method} ${req.url}`, instance: body === '' ? undefined : JSON.parse(body).instance });
    await eureka.held;
    const { status } = eureka;
    if (status !== undefined) res.writeHead(status).end('because');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const eureka = {
    url: `http://127.0.0.1:${port}/eureka`,
    told,
    /** Undefined: it never answers. */
    status: 200 as number | undefined,
    /** Until then it does not answer. */
    held: undefined as Promise<void> | undefined,
    close: () => server.close().closeAllConnections(),
  };
  return eureka;
}

/** Lets what is under way between here and the servers go on until something is so. */
async function until(isSo: () => boolean): Promise<void> {
  const end = performance.now() + 5_000;
  while (!isSo()) {
    if (performance.now() > end) throw new Error('it never was so');
    await new Promise(setImmediate);
  }
}

describe('a registration with Eureka', () => {
  type Server = Awaited<ReturnType<typeof aServer>>;
  const clock = testClock();
  let servers: [Server, Server];
  let first: Server;
  let second: Server;
  let logged: Record<string, unknown>[];
  let registration: EurekaRegistration | undefined;

  beforeEach(async () => {
    servers = [await aServer(), await aServer()];
    [first, second] = servers;
    logged = [];
    mock.timers.enable({ apis: ['setTimeout'] });
  });
  afterEach(async () => {
    for (const server of servers) server.status = 200;
    await registration?.cancel();
    mock.timers.reset();
    for (const server of servers) server.close();
  });

  const one = '/eureka/apps/EDGE/host%3Aedge%3A80';
  const begin = ({
    isReady = (): boolean => true,
    random = 0.5,
    describe = async () => ({ app: 'EDGE', instanceId: 'host:edge:80' }),
  } = {}) => {
    const log = (record: object) => void logged.push(record as Record<string, unknown>);
    registration = new EurekaRegistration(
      servers.map(({ url }) => `${url}/`),
      describe,
      { isReady, clock, random: () => random, logger: { info: log, warn: log } as never },
    );
    registration.start();
    return registration;
  };
  const lines = (server: Server) => server.told.map(({ line }) => line);
  const events = () => logged.map(({ event }) => event);
  /** Waits for as many requests as there should be by now, and for whatever they lead to. */
  const heard = async (server: Server, count: number) => {
    await until(() => server.told.length >= count);
    await quiet();
  };
  /** Until the client has set its timer again: a turn that is over has nothing under way. */
  const quiet = async () => {
    for (let turn = 0; turn < 50; turn += 1) await new Promise(setImmediate);
  };
  const pass = (milliseconds: number) => {
    clock.advance(milliseconds);
    mock.timers.tick(milliseconds);
  };

  for (const [random, pause] of [
    [0, 27_000],
    [0.5, 30_000],
    [1, 33_000],
  ] as const)
    it(`is renewed after half a minute, a tenth more or less: ${pause} ms`, async () => {
      const at = clock.epoch();
      begin({ random });
      await heard(first, 1);
      expect(first.told[0]).to.deep.include({ line: 'POST /eureka/apps/EDGE' });
      expect(first.told[0]?.instance).to.include({ app: 'EDGE', status: 'UP', lastDirtyTimestamp: String(at) });
      pass(pause - 1);
      await quiet();
      expect(first.told).to.have.length(1);
      pass(1);
      await heard(first, 2);
      expect(lines(first)[1]).to.equal(`PUT ${one}?status=UP&lastDirtyTimestamp=${at}`);
      pass(pause);
      await heard(first, 3);
      expect([second.told, events()]).to.deep.equal([[], ['registered']]);
    });

  it('says STARTING until the gateway is ready, which is looked at every second', async () => {
    let ready = false;
    begin({ isReady: () => ready });
    await heard(first, 1);
    pass(1_000);
    await heard(first, 2);
    ready = true;
    pass(1_000);
    await heard(first, 3);
    expect(first.told.map(({ line, instance }) => `${line.split(' ')[0]} ${instance?.['status']}`)).to.deep.equal([
      'POST STARTING',
      'PUT undefined',
      'POST UP',
    ]);
    expect(Number(first.told[2]?.instance?.['lastDirtyTimestamp'])).to.be.greaterThan(
      Number(first.told[0]?.instance?.['lastDirtyTimestamp']),
    );
  });

  it('is later than the one before it though the clock is put back: of two the later one is true', async () => {
    let ready = false;
    begin({ isReady: () => ready });
    await heard(first, 1);
    ready = true;
    clock.advance(-3_600_000);
    pass(1_000);
    await heard(first, 2);
    const [starting, up] = first.told.map(({ instance }) => Number(instance?.['lastDirtyTimestamp']));
    expect(first.told[1]?.instance?.['status']).to.equal('UP');
    expect(up).to.equal(Number(starting) + 1);
  });

  it('is made again at once where the registry does not know it any more', async () => {
    begin();
    await heard(first, 1);
    first.status = 404;
    pass(30_000);
    await until(() => first.told.length === 2);
    first.status = 204;
    await heard(first, 3);
    expect(lines(first).map((line) => line.split(' ')[0])).to.deep.equal(['POST', 'PUT', 'POST']);
    expect(events()).to.deep.equal(['registered', 'registered']);
  });

  it('goes to the next server when one fails, and stays there', async () => {
    first.status = 503;
    begin();
    await heard(second, 1);
    first.status = 200;
    pass(30_000);
    await heard(second, 2);
    expect(lines(first)).to.deep.equal(['POST /eureka/apps/EDGE']);
    expect(lines(second).map((line) => line.split(' ')[0])).to.deep.equal(['POST', 'PUT']);
    expect(events()).to.deep.equal(['registered']);
  });

  it('is tried again later and later while all fail, which is told once', async () => {
    for (const server of servers) server.status = 503;
    begin();
    let asked = 1;
    for (const pause of [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]) {
      await heard(second, asked);
      pass(pause - 1);
      await quiet();
      expect(second.told, `before ${pause}`).to.have.length(asked);
      pass(1);
      asked += 1;
    }
    await heard(second, asked);
    for (const server of servers) server.status = 204;
    pass(30_000);
    await until(() => events().includes('registered'));
    expect(events()).to.deep.equal(['registration-failing', 'registered']);
    expect(logged[0]?.['why']).to.equal(`${second.url}/apps/EDGE answered 503: because`);
    first.status = second.status = 500;
    pass(30_000);
    await until(() => events().length === 3);
    first.status = second.status = 200;
    pass(1_000);
    await until(() => events().length === 4);
    expect(events().slice(2)).to.deep.equal(['registration-failing', 'registration-answers']);
  });

  it('waits for its own address to be known', async () => {
    let known = false;
    begin({
      describe: async () => {
        if (!known) throw new Error('no way there');
        return { app: 'EDGE', instanceId: 'host:edge:80' };
      },
    });
    await until(() => logged.length > 0);
    await quiet();
    known = true;
    pass(1_000);
    await heard(first, 1);
    expect(logged.map(({ event, why }) => [event, why])).to.deep.equal([
      ['registration-failing', 'no way there'],
      ['registered', undefined],
    ]);
  });

  describe('ends', () => {
    it('by taking itself out, once, and with no word after it', async () => {
      const ending = begin();
      await heard(first, 1);
      await Promise.all([ending.cancel(), ending.cancel()]);
      pass(300_000);
      await quiet();
      expect(lines(first)).to.deep.equal(['POST /eureka/apps/EDGE', `DELETE ${one}`]);
      expect(events()).to.deep.equal(['registered', 'registration-cancelled']);
    });

    it('after what is on its way, which would come back behind it', async () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      first.held = promise;
      const ending = begin();
      await until(() => first.told.length === 1);
      const ended = ending.cancel();
      await quiet();
      expect(first.told).to.have.length(1);
      resolve();
      await ended;
      expect(lines(first)).to.deep.equal(['POST /eureka/apps/EDGE', `DELETE ${one}`]);
    });

    it('without a word where it never said any', async () => {
      const ending = begin({ describe: () => Promise.reject(new Error('no way there')) });
      await until(() => logged.length > 0);
      await ending.cancel();
      expect([...first.told, ...second.told]).to.deep.equal([]);
    });

    it('in a moment, though the registry does not answer', async () => {
      for (const server of servers) server.status = undefined;
      const ending = begin();
      await heard(first, 1);
      await ending.cancel();
      expect(logged.map(({ event, why }) => [event, why])).to.deep.equal([
        ['registration-left', 'The operation was aborted due to timeout'],
      ]);
    });

    it('at another server where the one in use does not answer', async () => {
      first.status = undefined;
      const ending = begin();
      await heard(first, 1);
      await ending.cancel();
      expect(lines(second)).to.deep.equal([`DELETE ${one}`]);
      expect(events()).to.deep.equal(['registration-cancelled']);
    });
  });
});
