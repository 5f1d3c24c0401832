import { expect } from 'chai';
import { eventually } from '../../behaviour/support/eventually.ts';
import { eurekaInstance } from '../../support/eureka-server.ts';
import { become, type EurekaCluster, ports, startEurekaCluster } from './eureka-cluster.ts';

describe('endpoints by Eureka', () => {
  let cluster: EurekaCluster;
  let servers: EurekaCluster['servers'];

  beforeEach(async () => {
    cluster = await startEurekaCluster();
    ({ servers } = cluster);
  });
  afterEach(() => cluster.close());

  it('are the instances that are UP, fetched once for all services and followed by deltas', async () => {
    const [server] = servers;
    server.set(eurekaInstance('USERS', 4001));
    server.set(eurekaInstance('USERS', 4002, { status: 'DOWN' }));
    server.set(eurekaInstance('ORDERS', 4003));
    const registry = cluster.registry();
    const [users, orders] = [cluster.start(registry, 'users'), cluster.start(registry, 'ORDERS')];
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
    const users = cluster.start(cluster.registry(), 'USERS');
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
    const users = cluster.start(cluster.registry(), 'USERS');
    await become(users, [4001, 4002]);
    server.delete('127.0.0.1:users:4001');
    await become(users, [4002]);
  });

  for (const deltas of [true, false])
    it(`outlive a server that has forgotten everybody, ${deltas ? 'with' : 'without'} deltas`, async () => {
      const [server] = servers;
      for (const one of servers) one.deltas = deltas;
      server.set(eurekaInstance('USERS', 4001));
      const users = cluster.start(cluster.registry(), 'USERS');
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
