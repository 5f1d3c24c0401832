import { expect } from 'chai';
import { startDnsServer } from '../support/dns-server.ts';
import { freePorts } from '../support/free-ports.ts';
import type { Given } from '../support/gateways.ts';
import { ask, askInside } from './support/ask.ts';
import { eventually } from './support/eventually.ts';
import { run } from './support/process.ts';
import { serversOfThisSuite } from './support/servers.ts';

interface Found {
  readonly status: string;
  readonly hostName: string;
  readonly port: { readonly $: number };
  readonly vipAddress: string;
  readonly metadata: Readonly<Record<string, string>>;
}

describe('A gateway is found by its name', () => {
  const servers = serversOfThisSuite();
  let registry: number;
  let given: Given;
  before(async () => {
    [registry = 0] = await freePorts(1);
    given = {
      public: { register: { name: 'edge' }, zone: 'a' },
      private: { callers: { gateways: { from: ['127.0.0.1'] } }, register: {}, drain: { grace: '0ms', deadline: '2s' } },
      registry: { embedded: { port: registry } },
    };
  });

  /** The instances of an application by Eureka's API. */
  const found = async (app: string): Promise<Found[]> => {
    const answer = await askInside(registry, `/eureka/apps/${app}`, { headers: { accept: 'application/json' } });
    return answer.status === 404 ? [] : (answer.json()['application'] as { instance: Found[] }).instance;
  };

  it('once it is ready, in the registry that it runs itself, and by who calls it there', async () => {
    const gateway = await servers.private(given);
    const [instance] = await eventually(
      () => found('PRIVATE-GATEWAY'),
      ([first]) => first !== undefined,
    );
    expect(instance).to.deep.include({ status: 'UP', hostName: '127.0.0.1', vipAddress: 'private-gateway' });
    expect(instance?.port.$).to.equal(gateway.port);
    // A route would be needed for more, but it is the gateway that answers.
    expect((await ask(Number(instance?.port.$))).json()).to.include({ code: 'no-route' });
  });

  it('from a process of its own, and leaves before it closes its port', async () => {
    const edge = await run(servers, 'public', given);
    const [instance] = await eventually(
      () => found('EDGE'),
      ([first]) => first !== undefined,
    );
    expect(instance).to.deep.include({ status: 'UP', hostName: '127.0.0.1', metadata: { zone: 'a' } });
    expect(instance?.port.$).to.equal(edge.port);
    edge.child.kill('SIGTERM');
    // The grace is five seconds: it goes at their beginning, and is called by who has not looked yet until their end.
    await eventually(
      () => found('EDGE'),
      (instances) => instances.length === 0,
    );
    expect((await ask(edge.port)).status).to.equal(404);
    expect(await edge.readyz()).to.equal(503);
    edge.child.kill('SIGTERM');
    await edge.ended;
  });

  it('and leaves when it is drained or stopped, though it takes its registry with it', async () => {
    const own = { ...given, registry: { embedded: { port: 0 } } };
    for (const end of ['drain', 'stop'] as const) {
      const { public: _, ...alone } = own;
      const gateway = await servers.private(alone);
      const seen: string[] = [];
      gateway.registry?.view.onChange(({ instance: { actionType, status } }) => seen.push(`${actionType} ${status}`));
      await eventually(
        () => gateway.registry?.view.instances('private-gateway').length,
        (count) => count === 1,
      );
      await gateway[end]();
      expect(seen.at(-1), end).to.equal('DELETED UP');
      expect(gateway.logged().map(({ event }) => event)).to.include.members(['registered', 'registration-cancelled']);
    }
  });

  it('only once it is ready: who waits for its first endpoints says STARTING', async () => {
    const dns = await startDnsServer();
    servers.defer(() => dns.close());
    dns.records.set('stock.internal', ['127.0.0.1']);
    dns.trouble = 'silent';
    const gateway = await servers.private({
      services: { stock: { registry: 'dns', name: 'stock.internal:80' } },
      routes: [{ name: 'all', match: { pathPrefix: '/' }, service: 'stock', expose: { private: { callers: ['gateways'] } } }],
      private: { ...given.private },
      registry: { embedded: { port: 0 }, dns: { servers: [dns.address] } },
    });
    const status = () => gateway.registry?.view.instances('private-gateway')[0]?.status;
    expect(await eventually(status, (now) => now !== undefined)).to.equal('STARTING');
    dns.trouble = 'none';
    await eventually(status, (now) => now === 'UP');
  });

  it('and serves, and ends, though there is no registry', async () => {
    const [nobody] = await freePorts(1);
    const gateway = await servers.private({ ...given, registry: { eureka: [`http://127.0.0.1:${nobody}/eureka`] } });
    expect((await ask(gateway.port)).status).to.equal(404);
    await eventually(
      () => gateway.logged().map(({ event }) => event),
      (events) => events.includes('registration-failing'),
    );
    expect(await gateway.drain()).to.equal(0);
  });
});
