import { expect } from 'chai';
import type { TestGateway } from '../support/gateways.ts';
import { ask } from './support/ask.ts';
import { serversOfThisSuite } from './support/servers.ts';
import { as, jwt } from './support/tokens.ts';

describe('Users are limited by name, the anonymous by the network they come from', () => {
  const servers = serversOfThisSuite();
  const start = async (more: object = {}): Promise<TestGateway> => {
    const { url } = await servers.upstream();
    const route = (name: string, exposure: object) => ({
      name,
      match: { pathPrefix: `/${name}` },
      service: 'upstream',
      expose: { public: exposure },
    });
    return servers.public({
      services: { upstream: { endpoints: [url] } },
      routes: [
        route('open', { access: 'anonymous' }),
        route('mine', {}),
        route('search', { access: 'anonymous', rateLimit: '1/h' }),
        route('report', { rateLimit: '1/h' }),
      ],
      public: { jwt, rateLimit: '2/h', ...more },
    });
  };
  const statuses = async ({ port }: TestGateway, target: string, count: number, asking = {}): Promise<number[]> => {
    const all: number[] = [];
    for (let number = 0; number < count; number += 1) all.push((await ask(port, target, asking)).status);
    return all;
  };

  it('each user has a count of his own, wherever he is', async () => {
    const gateway = await start();
    expect(await statuses(gateway, '/mine', 1, { headers: await as('ada') })).to.deep.equal([200]);
    expect(await statuses(gateway, '/mine', 2, { headers: await as('ada'), from: '127.0.0.5' })).to.deep.equal([200, 429]);
    expect(await statuses(gateway, '/mine', 1, { headers: await as('bob') })).to.deep.equal([200]);
  });

  it('who is not authenticated is counted by address', async () => {
    const gateway = await start();
    expect(await statuses(gateway, '/open', 3, { from: '127.0.0.2' })).to.deep.equal([200, 200, 429]);
    expect(await statuses(gateway, '/open', 1, { from: '127.0.0.3' })).to.deep.equal([200]);
  });

  it('a user named like an address is another than that address', async () => {
    const gateway = await start();
    expect(await statuses(gateway, '/open', 3)).to.deep.equal([200, 200, 429]);
    expect(await statuses(gateway, '/mine', 1, { headers: await as('127.0.0.1') })).to.deep.equal([200]);
    expect(await statuses(gateway, '/mine', 1, { headers: await as('address:127.0.0.1') })).to.deep.equal([200]);
  });

  it('an IPv6 network is one client, as the proxy in front tells it', async () => {
    const gateway = await start({ trustedProxies: ['127.0.0.1'] });
    const seen = (address: string) => ({ headers: { 'x-forwarded-for': address } });
    expect(await statuses(gateway, '/open', 1, seen('2001:db8:0:1::1'))).to.deep.equal([200]);
    expect(await statuses(gateway, '/open', 2, seen('2001:db8:0:1:ffff::2'))).to.deep.equal([200, 429]);
    expect(await statuses(gateway, '/open', 1, seen('2001:db8:0:2::1'))).to.deep.equal([200]);
  });

  it('nobody gets another count by naming another address', async () => {
    const gateway = await start();
    const all: number[] = [];
    for (const address of ['192.0.2.1', '192.0.2.2', '192.0.2.3'])
      all.push(...(await statuses(gateway, '/open', 1, { headers: { 'x-forwarded-for': address, forwarded: `for=${address}` } })));
    expect(all).to.deep.equal([200, 200, 429]);
  });

  it('the limit of a route replaces the other, and is counted apart', async () => {
    const gateway = await start();
    expect(await statuses(gateway, '/search', 2)).to.deep.equal([200, 429]);
    expect(await statuses(gateway, '/open', 3)).to.deep.equal([200, 200, 429]);
    const headers = await as('ada');
    expect(await statuses(gateway, '/report', 2, { headers })).to.deep.equal([200, 429]);
    expect(await statuses(gateway, '/mine', 3, { headers })).to.deep.equal([200, 200, 429]);
  });
});
