import { expect } from 'chai';
import type { TestGateway } from '../support/gateways.ts';
import { ask } from './support/ask.ts';
import { serversOfThisSuite } from './support/servers.ts';

describe('Calling services are limited each for itself', () => {
  const servers = serversOfThisSuite();
  const [shop, search, batch] = ['127.0.0.2', '127.0.0.3', '127.0.0.4'] as const;

  const start = async (): Promise<TestGateway> => {
    const upstream = await servers.upstream();
    const everybody = ['shop', 'search', 'batch'];
    return servers.private({
      services: { upstream: { endpoints: [upstream.url] } },
      routes: [
        { name: 'any', match: { pathPrefix: '/' }, service: 'upstream', expose: { private: { callers: everybody } } },
        {
          name: 'slow',
          match: { pathPrefix: '/slow' },
          service: 'upstream',
          expose: { private: { callers: everybody, rateLimit: '1/h' } },
        },
        // Named and limited as the gateway's own limit is, and yet another.
        {
          name: 'default',
          match: { pathPrefix: '/default' },
          service: 'upstream',
          expose: { private: { callers: everybody, rateLimit: '3/h' } },
        },
      ],
      private: {
        rateLimit: '3/h',
        callers: { shop: { from: [shop] }, search: { from: [search] }, batch: { from: [batch], rateLimit: '5/h' } },
      },
    });
  };
  const statuses = async ({ port }: TestGateway, from: string, target: string, count: number): Promise<number[]> => {
    const all: number[] = [];
    for (let number = 0; number < count; number += 1) all.push((await ask(port, target, { from })).status);
    return all;
  };

  it('by the limit of the gateway, counted apart', async () => {
    const gateway = await start();
    expect(await statuses(gateway, shop, '/', 4)).to.deep.equal([200, 200, 200, 429]);
    expect(await statuses(gateway, search, '/', 1)).to.deep.equal([200]);
  });

  it('by the limit the caller has of its own', async () => {
    const gateway = await start();
    expect(await statuses(gateway, batch, '/', 6)).to.deep.equal([200, 200, 200, 200, 200, 429]);
    expect((await ask(gateway.port, '/', { from: batch })).header('ratelimit-policy')).to.equal('"default";q=5;w=3600');
  });

  it('by the limit of the route instead, which spends nothing of the other', async () => {
    const gateway = await start();
    expect(await statuses(gateway, batch, '/slow', 2)).to.deep.equal([200, 429]);
    expect(await statuses(gateway, shop, '/slow', 2)).to.deep.equal([200, 429]);
    expect(await statuses(gateway, shop, '/', 3)).to.deep.equal([200, 200, 200]);
  });

  it('even when the route has the name and the size of that other', async () => {
    const gateway = await start();
    expect(await statuses(gateway, shop, '/default', 3)).to.deep.equal([200, 200, 200]);
    expect(await statuses(gateway, shop, '/', 1)).to.deep.equal([200]);
  });

  it('only for what they may use: a refusal costs nothing', async () => {
    const gateway = await start();
    expect(await statuses(gateway, '127.0.0.9', '/', 5)).to.deep.equal(Array(5).fill(403));
    expect((await ask(gateway.port, '/', { from: '127.0.0.9' })).header('ratelimit')).to.equal(undefined);
  });
});
