import { expect } from 'chai';
import { open } from '../support/gateways.ts';
import { ask } from './support/ask.ts';
import { eventually } from './support/eventually.ts';
import { serversOfThisSuite } from './support/servers.ts';

describe('metrics of routes and services', () => {
  const servers = serversOfThisSuite();

  it('go when the configuration has these no more, that they do not grow with every reload', async () => {
    const upstream = await servers.upstream((_, res) => res.writeHead(503).end());
    const given = (name: string) => ({
      ...open(''),
      services: {
        [name]: {
          endpoints: [upstream.url, upstream.url.replace('127.0.0.1', 'localhost')],
          circuitBreaker: { requestVolume: 2 },
          outlier: { consecutiveErrors: 1, maxEjected: '50%' },
        },
      },
      routes: [
        {
          name,
          match: { pathPrefix: '/' },
          service: name,
          cache: { ttl: '1m' },
          expose: { public: { access: 'anonymous', rateLimit: '100/s' } },
        },
      ],
    });
    const gateway = await servers.public(given('one'));
    const lines = async (name: string) =>
      (await (await fetch(`${gateway.admin}/metrics`)).text()).split('\n').filter((line) => line.includes(`"${name}"`));
    for (let count = 0; count < 4; count += 1) await ask(gateway.port, '/');
    const told = (await lines('one')).join('\n');
    for (const counter of ['retry_attempts', 'circuit_breaker_transitions', 'endpoint_ejections', 'cache_requests', 'rate_limit_requests'])
      expect(told).to.match(new RegExp(`^gateway_${counter}_total\\{`, 'm'));
    gateway.rewrite(given('other'));
    expect(await gateway.reloading.reload('api')).to.include({ ok: true, changed: true });
    await eventually(
      () => lines('one'),
      ({ length }) => length === 0,
    );
    await ask(gateway.port, '/');
    expect(await lines('other')).to.not.deep.equal([]);
  });
});
