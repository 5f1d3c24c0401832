import { expect } from 'chai';
import { version } from '../../core/version.ts';
import { askInside } from './support/ask.ts';
import { serversOfThisSuite } from './support/servers.ts';

describe('People see who is registered', () => {
  const servers = serversOfThisSuite();
  let port: number;
  before(async () => {
    const callers = { orders: { from: ['127.0.0.1'] } };
    const gateway = await servers.private({ private: { callers }, registry: { embedded: { port: 0 } } });
    port = Number(new URL(gateway.registry?.url ?? '').port);
  });

  const register = (app: string) => {
    const instance = {
      instanceId: `${app}-1`,
      hostName: 'host',
      app,
      ipAddr: '10.0.0.1',
      leaseInfo: { durationInSecs: 120 },
      dataCenterInfo: { name: 'MyOwn' },
    };
    const asking = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ instance }) };
    return askInside(port, `/eureka/apps/${encodeURIComponent(app)}`, asking);
  };

  it('at the address of the registry itself, and from that of its API', async () => {
    expect((await askInside(port)).body).to.contain('<title>Registry');
    for (const path of ['/eureka', '/eureka/']) {
      const { status, header } = await askInside(port, path);
      const target = new URL(header('location') ?? '', `http://registry${path}`);
      expect([status, target.pathname], path).to.deep.equal([302, '/']);
    }
  });

  it('who may read the registry, and nobody else', async () => {
    for (const path of ['/', '/page/style.css', '/eureka/page/registry.js', '/eureka/summary', '/eureka/leases/ORDERS']) {
      const refused = await askInside(port, path, { from: '127.0.0.2' });
      expect([refused.status, refused.body], path).to.deep.equal([403, 'No caller is configured for 127.0.0.2\n']);
    }
  });

  it('and how the registry is', async () => {
    const summary = async () => (await askInside(port, '/eureka/summary')).json();
    const before = await summary();
    expect(before).to.include({ postern: version, strict: false, instances: 0, version: 0, ready: true });
    expect(before['renewals']).to.deep.equal({ lastMinute: 0, threshold: 0, evicting: true });
    await register('orders');
    await askInside(port, '/eureka/apps/ORDERS/orders-1', { method: 'PUT' });
    const { renewals, ...after } = await summary();
    expect(after).to.include({ instances: 1, version: 1 });
    expect(renewals).to.deep.equal({ lastMinute: 1, threshold: 1, evicting: true });
  });

  it('and how long each lease still runs, as heartbeats come', async () => {
    await register('users');
    const read = async () => (await askInside(port, '/eureka/leases/users')).json() as { now: number; leases: [string, number][] };
    const { now, leases } = await read();
    expect(leases.map(([id]) => id)).to.deep.equal(['users-1']);
    expect((leases[0]?.[1] ?? 0) - now).to.be.within(100_000, 120_000);
    await askInside(port, '/eureka/apps/USERS/users-1', { method: 'PUT' });
    expect((await read()).leases[0]?.[1]).to.be.at.least(leases[0]?.[1] ?? Number.POSITIVE_INFINITY);
    expect((await askInside(port, '/eureka/leases/nobody')).json()).to.deep.include({ leases: [] });
  });

  it('in a browser without scripts too, where names are text', async () => {
    await register('<b>&amp;');
    const { body, header } = await askInside(port, '/plain');
    expect(body).to.contain('<th scope="row">&lt;b&gt;&amp;amp;-1<td>&lt;B&gt;&amp;AMP;<td>host:7001<td>UP').and.to.not.contain('<b>');
    expect(header('content-security-policy')).to.contain("default-src 'none'");
    expect((await askInside(port, '/plain', { from: '127.0.0.2' })).status).to.equal(403);
  });

  it('and the peers that are told of it', async () => {
    const [url] = ['http://127.0.0.9:1/eureka'];
    const gateway = await servers.private({ registry: { embedded: { port: 0, peers: [url], waitWhenEmpty: '0s' } } });
    const { peers } = (await (await fetch(`${gateway.registry?.url}/summary`)).json()) as { peers: object[] };
    expect(peers).to.deep.equal([{ url, queued: 0, sent: 0, dropped: 0, itself: false }]);
  });

  it('without a cache in between that would keep it', async () => {
    for (const path of ['/eureka/summary', '/eureka/leases/users', '/plain'])
      expect((await askInside(port, path)).header('cache-control')).to.equal('no-store');
  });
});
