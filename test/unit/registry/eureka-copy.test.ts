import { mock } from 'node:test';
import { expect } from 'chai';
import type { Source } from '../../../core/registry/source.ts';
import { eventually } from '../../behaviour/support/eventually.ts';
import { type EurekaServer, eurekaInstance, eurekaList } from '../../support/eureka-server.ts';
import { startUpstream } from '../../support/upstream.ts';
import { become, type EurekaCluster, ports, startEurekaCluster } from './eureka-cluster.ts';

describe('endpoints by a Eureka that tells of changes', () => {
  let cluster: EurekaCluster;
  let servers: EurekaCluster['servers'];

  beforeEach(async () => {
    cluster = await startEurekaCluster();
    ({ servers } = cluster);
    for (const server of servers) server.events = true;
  });
  afterEach(() => cluster.close());

  const HOUR = 3_600_000;
  const nonsense = 'event: change\ndata: {"apps__hashcode":"UP_9_"}\n\n';
  const full = ({ asked }: EurekaServer) => asked.filter((path) => path === '/eureka/apps').length;
  const deltas = ({ asked }: EurekaServer) => asked.filter((path) => path === '/eureka/apps/delta').length;
  const told = (server: EurekaServer) =>
    eventually(
      () => server.readers.size + deltas(server),
      (count) => count === 2,
    );

  it('follow each as it comes, without another fetch', async () => {
    const [server] = servers;
    server.set(eurekaInstance('USERS', 4001));
    const users = cluster.start(cluster.registry(), 'users', HOUR);
    await become(users, [4001]);
    await told(server);
    server.set(eurekaInstance('USERS', 4002));
    await become(users, [4001, 4002]);
    server.set(eurekaInstance('USERS', 4001, { status: 'OUT_OF_SERVICE' }));
    await become(users, [4002]);
    server.delete('127.0.0.1:users:4002');
    await become(users, []);
    expect([full(server), deltas(server)]).to.deep.equal([1, 1]);
  });

  it('are told only to those whose application changed', async () => {
    const [server] = servers;
    const registry = cluster.registry();
    const told = { USERS: 0, ORDERS: 0 };
    for (const name of ['USERS', 'ORDERS'] as const)
      cluster.start(registry, name, HOUR, () => {
        told[name] += 1;
      });
    await eventually(
      () => deltas(server),
      (count) => count === 1,
    );
    const before = { ...told };
    server.set(eurekaInstance('USERS', 4001));
    await eventually(
      () => told.USERS,
      (count) => count > before.USERS,
    );
    expect(told.ORDERS).to.equal(before.ORDERS);
  });

  it('lose no change that comes while a list is on its way, however old that is', async () => {
    const [server] = servers;
    server.set(eurekaInstance('USERS', 4001));
    for (const one of servers) one.deltas = false;
    const seen: (number[] | undefined)[] = [];
    const users: Source = cluster.start(cluster.registry(), 'users', HOUR, () => seen.push(ports(users)));
    await eventually(
      () => full(server),
      (count) => count === 2,
    );
    const { promise: held, resolve: release } = Promise.withResolvers<void>();
    server.before = () => held;
    // What does not add up has everything fetched.
    server.say(nonsense);
    await eventually(
      () => full(server),
      (count) => count === 3,
    );
    server.set(eurekaInstance('USERS', 4002));
    await become(users, [4001, 4002]);
    server.delete('127.0.0.1:users:4001');
    await become(users, [4002]);
    seen.length = 0;
    release();
    await eventually(
      () => seen.length,
      (count) => count > 0,
    );
    expect(seen).to.deep.equal([[4002]]);
  });

  it('are fetched once more, not all the time, when what is told does not add up', async () => {
    const [server] = servers;
    server.set(eurekaInstance('USERS', 4001));
    cluster.start(cluster.registry(), 'users', HOUR);
    await told(server);
    for (let said = 0; said < 50; said += 1) server.say(nonsense);
    await eventually(
      () => deltas(server),
      (count) => count === 2,
    );
    expect(full(server)).to.equal(1);
  });

  it('are not fetched without a pause where the server in use always fails and the other one answers', async () => {
    let lists = 0;
    const fickle = await startUpstream((req, res) => {
      if (req.url?.endsWith('/events')) {
        res.writeHead(200, { 'content-type': 'text/event-stream' }).write('event: ready\ndata: {}\n\n');
        return;
      }
      lists += 1;
      // Asked in turns, the one in use has the odd ones.
      if (lists % 2 === 1) res.writeHead(500).end();
      else res.end(JSON.stringify(eurekaList([])));
    });
    mock.timers.enable({ apis: ['setTimeout'] });
    try {
      const source = cluster.start(cluster.registry([`${fickle.url}/one`, `${fickle.url}/other`]), 'users', HOUR);
      // No time passes.
      const end = performance.now() + 5_000;
      for (let turns = 0; turns < 500 && lists < 20 && performance.now() < end; turns += lists < 4 ? 0 : 1) {
        mock.timers.tick(0);
        await new Promise((resolve) => setImmediate(resolve));
      }
      expect(ports(source)).to.deep.equal([]);
      expect(lists).to.be.lessThan(20);
    } finally {
      mock.timers.reset();
      await fickle.close();
    }
  });

  it('come from the next server when one goes away, and the connection with them', async () => {
    const [first, second] = servers;
    for (const server of servers) server.set(eurekaInstance('USERS', 4001));
    const users = cluster.start(cluster.registry(), 'users', HOUR);
    await told(first);
    second.set(eurekaInstance('USERS', 4002));
    await first.close();
    await become(users, [4001, 4002]);
    second.set(eurekaInstance('USERS', 4003));
    await become(users, [4001, 4002, 4003]);
    expect(users.failure).to.equal(undefined);
  });

  it('are said to be stale soon after a server has gone, though nobody is asked for an hour', async () => {
    const [server] = servers;
    server.set(eurekaInstance('USERS', 4001));
    const users = cluster.start(cluster.registry([server.url]), 'users', HOUR);
    await told(server);
    mock.timers.enable({ apis: ['setTimeout'] });
    try {
      await server.close();
      let passed = 0;
      for (; !users.failure && passed < HOUR; passed += 10) {
        mock.timers.tick(10);
        await new Promise((resolve) => setImmediate(resolve));
      }
      expect(passed).to.be.greaterThan(2_000).and.lessThan(60_000);
      expect(ports(users)).to.deep.equal([4001]);
    } finally {
      mock.timers.reset();
    }
  });

  for (const [what, text] of [
    ['too long', `data: ${'x'.repeat(2 * 1024 * 1024)}`],
    ['no JSON', 'event: change\ndata: {\n\n'],
  ] as const) {
    it(`begin anew after an event that is ${what}`, async () => {
      const [server] = servers;
      const users = cluster.start(cluster.registry([server.url]), 'users', HOUR);
      await told(server);
      server.say(text);
      await eventually(
        () => server.asked.filter((path) => path === '/eureka/events').length,
        (count) => count === 2,
      );
      server.set(eurekaInstance('USERS', 4001));
      await become(users, [4001]);
    });
  }
});
