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

  const start = (registry: EurekaRegistry, name: string): Source => {
    const source = registry.source(name, 10);
    sources.push(source);
    source.start(() => {});
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
});
