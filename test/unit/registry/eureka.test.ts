import { mock } from 'node:test';
import { expect } from 'chai';
import { EurekaRegistry } from '../../../core/registry/eureka.ts';
import type { Source } from '../../../core/registry/source.ts';
import { eventually } from '../../behaviour/support/eventually.ts';
import { testClock } from '../../support/clock.ts';
import { type EurekaServer, eurekaInstance, startEurekaServer } from '../../support/eureka-server.ts';

describe('endpoints by Eureka', () => {
  let servers: [EurekaServer, EurekaServer];
  let sources: Source[] = [];
  const parts = { clock: testClock(), random: () => 0.5 };

  beforeEach(async () => {
    servers = [await startEurekaServer(), await startEurekaServer()];
  });
  afterEach(async () => {
    for (const source of sources) source.stop();
    sources = [];
    await Promise.all(servers.map((server) => server.close()));
  });

  const start = (registry: EurekaRegistry, name: string, interval = 10, onChange = () => {}): Source => {
    const source = registry.source(name, interval);
    sources.push(source);
    source.start(onChange);
    return source;
  };
  const registryOf = () =>
    new EurekaRegistry(
      servers.map(({ url }) => `${url}/`),
      parts,
    );
  const ports = (source: Source) => source.answer?.map(({ origin }) => Number(new URL(origin).port));
  const become = (source: Source, wanted: number[]) =>
    eventually(
      () => ports(source),
      (now) => JSON.stringify(now) === JSON.stringify(wanted),
    );

  it('are the instances that are UP, fetched once for all services and followed by deltas', async () => {
    const [server] = servers;
    server.set(eurekaInstance('USERS', 4001));
    server.set(eurekaInstance('USERS', 4002, { status: 'DOWN' }));
    server.set(eurekaInstance('ORDERS', 4003));
    const registry = registryOf();
    const [users, orders] = [start(registry, 'users'), start(registry, 'ORDERS')];
    await become(users, [4001]);
    await become(orders, [4003]);
    server.set(eurekaInstance('USERS', 4002));
    await become(users, [4001, 4002]);
    server.set(eurekaInstance('USERS', 4001, { status: 'OUT_OF_SERVICE' }));
    await become(users, [4002]);
    server.delete('127.0.0.1:users:4002');
    await become(users, []);
    expect(server.asked.filter((path) => path === '/eureka/apps')).to.have.length(1);
  });

  it('come from another server when one fails, and are kept when all do', async () => {
    const [first, second] = servers;
    first.set(eurekaInstance('USERS', 4001));
    second.set(eurekaInstance('USERS', 4001));
    const users = start(registryOf(), 'USERS');
    await become(users, [4001]);
    first.status = 503;
    second.set(eurekaInstance('USERS', 4002));
    await become(users, [4001, 4002]);
    second.status = 503;
    await eventually(
      () => users.failure?.why,
      (why) => why?.endsWith('answered 503') === true,
    );
    expect(ports(users)).to.deep.equal([4001, 4002]);
    second.status = 200;
    await eventually(
      () => users.failure,
      (failure) => failure === undefined,
    );
  });

  it('are fetched whole from servers without deltas', async () => {
    const [server] = servers;
    for (const one of servers) one.deltas = false;
    server.set(eurekaInstance('USERS', 4001));
    server.set(eurekaInstance('USERS', 4002));
    const users = start(registryOf(), 'USERS');
    await become(users, [4001, 4002]);
    server.delete('127.0.0.1:users:4001');
    await become(users, [4002]);
  });

  it('outlive a server that has forgotten everybody', async () => {
    const [server] = servers;
    server.set(eurekaInstance('USERS', 4001));
    const users = start(registryOf(), 'USERS');
    await become(users, [4001]);
    const asked = server.asked.filter((path) => path === '/eureka/apps').length;
    server.forget();
    await eventually(
      () => server.asked.filter((path) => path === '/eureka/apps').length,
      (count) => count > asked + 1 || server.asked.length > 20,
    );
    expect(ports(users)).to.deep.equal([4001]);
  });

  describe('where the server tells of changes', () => {
    const HOUR = 3_600_000;
    const nonsense = 'event: change\ndata: {"apps__hashcode":"UP_9_"}\n\n';
    const full = ({ asked }: EurekaServer) => asked.filter((path) => path === '/eureka/apps').length;
    const deltas = ({ asked }: EurekaServer) => asked.filter((path) => path === '/eureka/apps/delta').length;
    const told = (server: EurekaServer) =>
      eventually(
        () => server.readers.size + deltas(server),
        (count) => count === 2,
      );

    beforeEach(() => {
      for (const server of servers) server.events = true;
    });

    it('follow each as it comes, without another fetch', async () => {
      const [server] = servers;
      server.set(eurekaInstance('USERS', 4001));
      const users = start(registryOf(), 'users', HOUR);
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
      const registry = registryOf();
      const told = { USERS: 0, ORDERS: 0 };
      for (const name of ['USERS', 'ORDERS'] as const)
        start(registry, name, HOUR, () => {
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
      const users: Source = start(registryOf(), 'users', HOUR, () => seen.push(ports(users)));
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
      start(registryOf(), 'users', HOUR);
      await told(server);
      for (let said = 0; said < 50; said += 1) server.say(nonsense);
      await eventually(
        () => deltas(server),
        (count) => count === 2,
      );
      expect(full(server)).to.equal(1);
    });

    it('come from the next server when one goes away, and the connection with them', async () => {
      const [first, second] = servers;
      for (const server of servers) server.set(eurekaInstance('USERS', 4001));
      const users = start(registryOf(), 'users', HOUR);
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
      const users = start(new EurekaRegistry([server.url], parts), 'users', HOUR);
      await told(server);
      mock.timers.enable({ apis: ['setTimeout'] });
      try {
        await server.close();
        let passed = 0;
        for (; !users.failure && passed < HOUR; passed += 10) {
          mock.timers.tick(10);
          await new Promise((resolve) => setImmediate(resolve));
        }
        expect(passed).to.be.greaterThan(2_000).and.lessThan(6_000);
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
        const users = start(new EurekaRegistry([server.url], parts), 'users', HOUR);
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
});
