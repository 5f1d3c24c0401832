import { mock } from 'node:test';
import { expect } from 'chai';
import { EurekaEvents } from '../../../core/registry/eureka-events.ts';
import { EurekaServers } from '../../../core/registry/eureka-servers.ts';
import { testClock } from '../../support/clock.ts';
import { type EurekaServer, eurekaInstance, startEurekaServer } from '../../support/eureka-server.ts';

describe('the events of a Eureka cluster', () => {
  let all: EurekaServer[];
  let events: EurekaEvents;
  /** What was told, in order. */
  let told: string[];
  let clock: ReturnType<typeof testClock>;
  let servers: EurekaServers;

  beforeEach(async () => {
    all = [await startEurekaServer(), await startEurekaServer()];
    for (const server of all) server.events = true;
    told = [];
    clock = testClock();
    mock.timers.enable({ apis: ['setTimeout'] });
    servers = new EurekaServers(all.map(({ url }) => url));
    events = new EurekaEvents({
      servers,
      clock,
      random: () => 1,
      onReady: () => told.push(`ready ${place(servers.current)}`),
      onChanges: (changes) => told.push(...changes.map(({ actionType }) => String(actionType))),
      onLost: () => told.push('lost'),
    });
  });
  afterEach(async () => {
    mock.timers.reset();
    events.stop();
    await Promise.all(all.map((server) => server.close()));
  });

  const place = (url: string | undefined) => all.findIndex((server) => server.url === url);
  const asked = () => all.map((server) => server.asked.length);
  /** Turns the event loop until it is so; the clock stands still. */
  const until = async (isSo: () => boolean) => {
    for (const end = performance.now() + 5_000; !isSo(); ) {
      if (performance.now() > end) throw new Error(`still ${JSON.stringify({ told, asked: asked() })}`);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const hears = (what: string) => until(() => told.at(-1) === what);
  const pass = async (milliseconds: number) => {
    // What is under way has come to its pause.
    for (let turns = 0; turns < 20; turns += 1) await new Promise((resolve) => setImmediate(resolve));
    clock.advance(milliseconds);
    mock.timers.tick(milliseconds);
  };

  it('begin with ready, and are lost after 30 s without a beat', async () => {
    events.start();
    await hears('ready 0');
    all[0]?.set(eurekaInstance('A', 4001));
    await hears('MODIFIED');
    await pass(29_999);
    all[0]?.say(': \n\n');
    all[0]?.delete('127.0.0.1:a:4001');
    await hears('DELETED');
    await pass(29_999);
    expect(told.at(-1)).to.equal('DELETED');
    await pass(1);
    await hears('lost');
    await until(() => all[0]?.readers.size === 0);
    await pass(500);
    await hears('ready 0');
  });

  it('are asked of the next server when one fails, with pauses that double', async () => {
    const [first, second] = all;
    if (!first || !second) throw new Error('no servers');
    first.status = 500;
    second.status = 503;
    events.start();
    for (const [pause, expected] of [
      [500, [1, 0]],
      [1_000, [1, 1]],
      [2_000, [2, 1]],
      [4_000, [2, 2]],
    ] as const) {
      await until(() => String(asked()) === String(expected));
      await pass(pause - 1);
      await pass(0);
      expect(asked()).to.deep.equal(expected);
      await pass(1);
    }
    await until(() => String(asked()) === '3,2');
    second.status = 200;
    await pass(8_000);
    await hears('ready 1');
    expect(servers.current).to.equal(second.url);
    // One that lasted is opened again at once, at the same server.
    await pass(10_000);
    for (const reader of second.readers) reader.destroy();
    await hears('lost');
    await pass(500);
    await hears('ready 1');
  });

  it('are rarely asked for where there are none, unless another server is in use', async () => {
    const [first, second] = all;
    if (!first || !second) throw new Error('no servers');
    first.events = false;
    events.start();
    await until(() => first.asked.length === 1);
    await pass(299_999);
    expect(asked()).to.deep.equal([1, 0]);
    servers.use(second.url);
    events.follow();
    await hears('ready 1');
    events.follow();
    await pass(1);
    expect(asked()).to.deep.equal([1, 1]);
  });

  it('are opened later and later where each list comes from another server than the events', async () => {
    const [first, second] = all;
    if (!first || !second) throw new Error('no servers');
    second.status = 503;
    events = new EurekaEvents({
      servers,
      clock,
      random: () => 1,
      onReady: () => {
        told.push('ready');
        servers.use(second.url);
        events.follow();
      },
      onChanges: () => {},
      onLost: () => told.push('lost'),
    });
    events.start();
    for (const [at, pause] of [1_000, 4_000, 16_000, 30_000, 30_000].entries()) {
      await until(() => String(asked()) === String([at + 1, at + 1]));
      await pass(pause - 1);
      await pass(0);
      expect(asked()).to.deep.equal([at + 1, at + 1]);
      await pass(1);
    }
    expect(new Set(told)).to.deep.equal(new Set(['ready', 'lost']));
  });

  it('end when nobody wants them any more', async () => {
    events.start();
    await hears('ready 0');
    events.stop();
    await until(() => all[0]?.readers.size === 0);
    await pass(600_000);
    expect([told, asked()]).to.deep.equal([['ready 0'], [1, 0]]);
  });
});
