import { request } from 'node:http';
import { hostname as machine } from 'node:os';
import { expect } from 'chai';
import { startPrivate, type TestGateway } from '../support/gateways.ts';
import { type Answer, type Asking, askInside } from './support/ask.ts';
import { eventually } from './support/eventually.ts';
import { serversOfThisSuite } from './support/servers.ts';

const json = { 'content-type': 'application/json', accept: 'application/json' };
const xml = { 'content-type': 'application/xml' };

const instance = (more: object = {}) => ({
  instanceId: 'host:orders:8080',
  hostName: 'host',
  app: 'orders',
  ipAddr: '10.0.0.1',
  status: 'UP',
  port: { $: 8080, '@enabled': 'true' },
  vipAddress: 'orders',
  dataCenterInfo: { '@class': 'com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo', name: 'MyOwn' },
  ...more,
});

describe('Services say that they are there', () => {
  const servers = serversOfThisSuite();
  let gateway: TestGateway;
  let port: number;
  before(async () => {
    gateway = await servers.private({
      private: { callers: { orders: { from: ['127.0.0.1'] }, secret: { from: ['127.0.0.3'], certificate: 'secret' } } },
      registry: { embedded: { port: 0 } },
    });
    port = Number(new URL(gateway.registry?.url ?? '').port);
  });
  const eureka = (target: string, asking?: Asking) => askInside(port, `/eureka${target}`, asking);
  const register = (more: object = {}, app = 'orders', path = '') =>
    eureka(`${path}/apps/${app}`, { method: 'POST', headers: json, body: JSON.stringify({ instance: instance(more) }) });
  const statuses = async () => {
    const { applications } = (await eureka('/apps', { headers: json })).json() as { applications: Listed };
    return applications.application.flatMap((application) =>
      application.instance.map(({ instanceId, status }) => `${instanceId} ${status}`),
    );
  };
  interface Listed {
    apps__hashcode: string;
    application: { name: string; instance: { instanceId: string; status: string; actionType: string; metadata: object }[] }[];
  }
  afterEach(async () => {
    for (const { id, app } of gateway.registry?.view.instances('orders') ?? []) await eureka(`/apps/${app}/${id}`, { method: 'DELETE' });
  });

  it('register, beat, and go, with and without the version in the path', async () => {
    for (const path of ['', '/v2']) {
      const one = `${path}/apps/ORDERS/host:orders:8080`;
      expect((await register({}, 'orders', path)).status).to.equal(204);
      expect((await eureka(`${one}?status=UP`, { method: 'PUT' })).status).to.equal(200);
      expect(await statuses()).to.deep.equal(['host:orders:8080 UP']);
      expect((await eureka(one, { method: 'DELETE' })).status).to.equal(200);
      expect((await eureka(one, { method: 'DELETE' })).status).to.equal(404);
      expect((await eureka(one, { method: 'PUT' })).status, 'must register again').to.equal(404);
    }
  });

  it('in XML as in JSON', async () => {
    await register({ metadata: { a_b: '<&>' } });
    const read = await eureka('/apps/ORDERS/host:orders:8080');
    expect(read.header('content-type')).to.equal('application/xml');
    expect(read.body).to.contain('<metadata><a__b>&lt;&amp;&gt;</a__b></metadata>');
    await eureka('/apps/ORDERS/host:orders:8080', { method: 'DELETE' });
    expect((await eureka('/apps/orders', { method: 'POST', headers: xml, body: read.body })).status).to.equal(204);
    const { application } = (await eureka('/apps/orders', { headers: json })).json() as { application: Listed['application'][number] };
    expect(application.instance[0]?.metadata).to.deep.equal({ a_b: '<&>' });
  });

  it('are taken out of traffic and let in again', async () => {
    await register();
    const status = '/apps/ORDERS/host:orders:8080/status';
    expect((await eureka(`${status}?value=OUT_OF_SERVICE`, { method: 'PUT' })).status).to.equal(200);
    expect(await statuses()).to.deep.equal(['host:orders:8080 OUT_OF_SERVICE']);
    expect((await eureka(`${status}?value=UP`, { method: 'DELETE' })).status).to.equal(200);
    expect(await statuses()).to.deep.equal(['host:orders:8080 UP']);
    expect((await eureka(`${status}?value=ASLEEP`, { method: 'PUT' })).status).to.equal(400);
  });

  it('are found by their names, all at once, and by what changed', async () => {
    await register({ vipAddress: 'orders,shop', secureVipAddress: 'safe' });
    for (const path of ['/apps', '/apps/delta', '/vips/shop', '/svips/safe']) {
      const { applications } = (await eureka(path, { headers: json })).json() as { applications: Listed };
      expect(applications.apps__hashcode, path).to.equal('UP_1_');
      expect(
        applications.application.map(({ name }) => name),
        path,
      ).to.deep.equal(['ORDERS']);
    }
    expect((await eureka('/instances/host:orders:8080', { headers: json })).json()).to.have.nested.property('instance.app', 'ORDERS');
    const compact = await eureka('/apps', { headers: { ...json, 'x-eureka-accept': 'compact' } });
    expect(compact.body).to.not.contain('leaseInfo');
  });

  it('carry metadata, to which may be added', async () => {
    await register({ metadata: { zone: 'a' } });
    expect((await eureka('/apps/ORDERS/host:orders:8080/metadata?weight=3', { method: 'PUT' })).status).to.equal(200);
    expect(gateway.registry?.view.instances('orders')[0]?.metadata).to.deep.equal({ zone: 'a', weight: '3' });
  });

  it('are known to a peer that replicates', async () => {
    const replicated = await eureka('/peerreplication/batch/', {
      method: 'POST',
      headers: json,
      body: JSON.stringify({
        replicationList: [
          { action: 'Register', appName: 'ORDERS', id: 'host:orders:8080', instanceInfo: instance({ lastDirtyTimestamp: '9' }) },
          { action: 'Heartbeat', appName: 'ORDERS', id: 'host:orders:8080', lastDirtyTimestamp: 9 },
          { action: 'Heartbeat', appName: 'ORDERS', id: 'host:orders:8080', lastDirtyTimestamp: 8 },
          { action: 'Heartbeat', appName: 'ORDERS', id: 'nobody' },
          { action: 'Dance' },
          { action: 'Cancel', appName: { toString: 1 }, id: { toString: 1 }, lastDirtyTimestamp: { valueOf: 1, toString: 1 } },
        ],
      }),
    });
    const { responseList } = replicated.json() as { responseList: { statusCode: number; responseEntity?: { hostName: string } }[] };
    expect(responseList.map(({ statusCode }) => statusCode)).to.deep.equal([200, 200, 409, 404, 400, 404]);
    expect(responseList[2]?.responseEntity?.hostName).to.equal('host');
  });

  it('are told of as they come and go, to gateways that listen', async () => {
    let text = '';
    const listening = request({ port, path: '/eureka/events' }, (response) => {
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('error', () => {});
    }).end();
    listening.on('error', () => {});
    servers.defer(() => listening.destroy());
    const seen = () => [...text.matchAll(/"actionType":"(\w+)"\}?,?/g)].length;
    await eventually(
      () => text,
      (all) => all.includes('event: ready'),
    );
    await register();
    await eventually(
      () => text,
      (all) => all.includes('event: change') && all.includes('ADDED'),
    );
    await eureka('/apps/ORDERS/host:orders:8080', { method: 'DELETE' });
    await eventually(
      () => text,
      (all) => all.includes('DELETED'),
    );
    expect(seen()).to.be.greaterThan(1);
  });

  describe('and nobody else is heard', () => {
    it('who is no declared caller, or must show a certificate, which nobody can here', async () => {
      for (const from of ['127.0.0.2', '127.0.0.3']) {
        const refused = await eureka('/apps', { from });
        expect([refused.status, refused.body]).to.deep.equal([403, `No caller is configured for ${from}\n`]);
      }
    });

    it('but to read, from the very address it listens on: a gateway that looks there', async () => {
      const elsewhere = await servers.private({ registry: { embedded: { host: '127.0.0.2', port: 0 } } });
      const at = (from: string, method = 'GET') =>
        new Promise<number | undefined>((resolve, reject) => {
          const headers = { accept: 'application/json' };
          const asking = request(`${elsewhere.registry?.url}/apps`, { localAddress: from, method, headers, agent: false }, (answer) => {
            resolve(answer.resume().statusCode);
          });
          asking.on('error', reject).end();
        });
      expect([await at('127.0.0.2'), await at('127.0.0.2', 'POST'), await at('127.0.0.3')]).to.deep.equal([200, 403, 403]);
    });

    it('by the name of a stranger that leads here, as the page of one can have it (DNS rebinding)', async () => {
      for (const callers of [{}, { all: { from: ['127.0.0.1', '::1'] } }]) {
        const registered = { eureka: ['http://Registry.example:8761/eureka'], embedded: { host: 'localhost', port: 0 } };
        const { registry } = await servers.private({ private: { callers }, registry: registered });
        const { port: own, hostname } = new URL(registry?.url ?? '');
        const readAs = (host: string) =>
          new Promise<number | undefined>((resolve, reject) => {
            const asked = { host: hostname.replace(/[[\]]/g, ''), port: own, path: '/eureka/apps', headers: { host } };
            request(asked, (answer) => resolve(answer.resume().statusCode))
              .on('error', reject)
              .end();
          });
        for (const host of [
          `127.0.0.1:${own}`,
          '127.0.0.1',
          `[::1]:${own}`,
          `localhost:${own}`,
          'LOCALHOST',
          machine(),
          'registry.example',
        ])
          expect(await readAs(host), host).to.equal(200);
        for (const host of [`strange.example:${own}`, 'strange.example', '127.0.0.1.strange.example', 'localhost.strange.example', '[::1'])
          expect(await readAs(host), host).to.equal(403);
      }
    });

    it('and no page in a browser, wherever that is', async () => {
      await register();
      const page = { ...json, origin: 'http://strange.example:8761' };
      const one = '/apps/ORDERS/host:orders:8080';
      const body = JSON.stringify({ instance: instance({ instanceId: 'strange' }) });
      expect((await eureka('/apps/orders', { method: 'POST', headers: page, body })).status).to.equal(403);
      for (const method of ['PUT', 'DELETE']) expect((await eureka(one, { method, headers: page })).status, method).to.equal(403);
      expect(await statuses()).to.deep.equal(['host:orders:8080 UP']);
    });

    it('whose message cannot be read, and nothing is lost by it', async () => {
      await register();
      const post = (headers: Record<string, string>, body: string) => eureka('/apps/orders', { method: 'POST', headers, body });
      const wrong: [number, Promise<Answer>][] = [
        [400, post(json, '{"instance":')],
        [400, post(json, '[]')],
        [400, post(json, `${'['.repeat(100_000)}${']'.repeat(100_000)}`)],
        [400, post(json, JSON.stringify({ instance: instance({ app: 'other' }) }))],
        [400, post(xml, '<!DOCTYPE a [<!ENTITY b "c">]><instance>&b;</instance>')],
        [400, post(xml, '<a>'.repeat(10_000))],
        [413, post(json, JSON.stringify({ instance: instance({ homePageUrl: 'x'.repeat(300_000) }) }))],
        [413, post(json, JSON.stringify({ instance: instance({ homePageUrl: 'x'.repeat(100_000) }) }))],
        [415, post({ 'content-type': 'text/plain' }, 'hello')],
        // Which a browser sends for any page, without asking.
        [415, post({ 'content-type': 'text/plain;a=json' }, JSON.stringify({ instance: instance({ instanceId: 'strange' }) }))],
        [400, eureka('/apps/ORDERS/host:orders:8080?lastDirtyTimestamp=soon', { method: 'PUT' })],
        [405, eureka('/apps', { method: 'DELETE' })],
        [404, eureka('/apps/%ff%00/..%2f', {})],
        [404, eureka('/nothing', {})],
      ];
      for (const [at, [status, answer]] of wrong.entries()) expect((await answer).status, `message ${at}`).to.equal(status);
      expect(await statuses()).to.deep.equal(['host:orders:8080 UP']);
    });

    it('where there is no embedded registry, or a gateway that runs none', async () => {
      expect((await servers.private({})).registry).to.equal(undefined);
      expect((await servers.public({ registry: { embedded: { port: 0 } } })).registry).to.equal(undefined);
    });

    it('once the gateway has stopped', async () => {
      const stopping = await startPrivate({ private: { callers: { all: { from: ['127.0.0.1'] } } }, registry: { embedded: { port: 0 } } });
      const url = stopping.registry?.url ?? '';
      expect((await fetch(`${url}/apps`)).status).to.equal(200);
      await stopping.stop();
      expect(await fetch(`${url}/apps`).catch(() => 'gone')).to.equal('gone');
    });
  });
});
