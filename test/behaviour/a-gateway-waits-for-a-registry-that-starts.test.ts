import { expect } from 'chai';
import { freePorts } from '../support/free-ports.ts';
import { type Given, open } from '../support/gateways.ts';
import { ask } from './support/ask.ts';
import { eventually } from './support/eventually.ts';
import { serversOfThisSuite } from './support/servers.ts';

const json = { 'content-type': 'application/json', accept: 'application/json' };

describe('A gateway waits for a registry that starts', () => {
  const servers = serversOfThisSuite();

  it('be it its own or that of another, and says UP and that it is ready when it knows who is there', async function () {
    this.timeout(20_000);
    const [registry = 0, peer = 0, nobody = 0] = await freePorts(3);
    const service = await servers.upstream((_req, res) => void res.end('here'));
    const found = open('http://unused', { service: { endpoints: undefined, registry: 'eureka', name: 'ORDERS' } });
    const of = (more: object): Given => ({ ...found, registry: { lastKnown: false, ...more } });
    // Its peer is not there yet.
    const own = await servers.private({
      ...of({ embedded: { port: registry, peers: [`http://127.0.0.1:${peer}/eureka`], waitWhenEmpty: '10m' } }),
      private: { ...found.private, register: {} },
    });
    const edge = await servers.public(of({ eureka: [`http://127.0.0.1:${registry}/eureka`, `http://127.0.0.1:${nobody}/eureka`] }));
    const both = [own, edge];
    const readiness = ({ admin }: { admin: string }) => ask(Number(new URL(admin).port), '/readyz?verbose');
    // By then each has asked, and was refused: once for the list, once for the events.
    await eventually(
      () => own.logged().filter(({ event, status }) => event === 'registry-refused' && status === 403).length,
      (count) => count > 0,
    );
    for (const gateway of both) {
      const { status, body } = await readiness(gateway);
      expect([status, body.includes('[-]endpoints-of-upstream failed (no answer yet)')]).to.deep.equal([503, true]);
    }
    expect((await readiness(own)).body).to.include('[-]registry-synced failed');
    const registered = () => own.logged().flatMap(({ event, status }) => (event === 'registered' ? [status] : []));
    await eventually(registered, ({ length }) => length === 1);
    expect(registered()).to.deep.equal(['STARTING']);

    const other = await servers.private({ private: found.private ?? {}, registry: { embedded: { port: peer } } });
    const instance = {
      ...{ instanceId: 'one', hostName: '127.0.0.1', app: 'ORDERS', ipAddr: '127.0.0.1', status: 'UP', dataCenterInfo: { name: 'MyOwn' } },
      port: { $: service.port, '@enabled': 'true' },
    };
    await ask(peer, '/eureka/apps/ORDERS', { method: 'POST', headers: json, body: JSON.stringify({ instance }) });
    expect(other.registry?.view.instances('ORDERS')).to.have.length(1);
    for (const gateway of both) {
      await eventually(
        async () => (await readiness(gateway)).status,
        (status) => status === 200,
        10_000,
      );
      expect((await ask(gateway.port)).status).to.equal(200);
    }
    await eventually(registered, (statuses) => statuses.includes('UP'));
  });
});
