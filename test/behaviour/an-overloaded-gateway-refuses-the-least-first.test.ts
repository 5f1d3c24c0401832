import { expect } from 'chai';
import { type Given, open } from '../support/gateways.ts';
import { ask } from './support/ask.ts';
import { scrape } from './support/prometheus.ts';
import { serversOfThisSuite } from './support/servers.ts';

describe('a gateway that is itself overloaded', () => {
  const servers = serversOfThisSuite();
  const priorities = ['critical', 'normal', 'background'] as const;
  const withPriorities = (url: string): Given => {
    const given = open(url);
    const route = (priority: string) => ({ ...given.routes?.[0], name: priority, match: { pathPrefix: `/${priority}` }, priority });
    return { ...given, routes: [...(given.routes ?? []), ...priorities.map(route)] };
  };

  it('refuses background work first, then most, and what is critical last; its admin port goes on', async () => {
    const upstream = await servers.upstream();
    let level = 0;
    const gateway = await servers.public(withPriorities(upstream.url), { pressure: { level: () => level, stop() {} } });
    for (const [pressed, served] of [
      [0, ['critical', 'normal', 'background']],
      [0.89, ['critical', 'normal', 'background']],
      [0.9, ['critical', 'normal']],
      [0.99, ['critical', 'normal']],
      [1, ['critical']],
      [1.99, ['critical']],
      [2, []],
      [10, []],
      [0, ['critical', 'normal', 'background']],
    ] as const) {
      level = pressed;
      for (const priority of priorities) {
        const expected = served.some((one) => one === priority) ? 200 : 503;
        expect((await ask(gateway.port, `/${priority}`)).status, `${priority} at ${pressed}`).to.equal(expected);
      }
      for (const path of ['livez', 'readyz', 'metrics']) expect((await fetch(`${gateway.admin}/${path}`)).status, path).to.equal(200);
    }
    const refused = (await scrape(gateway.admin)).named('gateway_overload_rejected_total');
    const counts = Object.fromEntries(refused.map(({ labels, value }) => [labels['priority'], value]));
    expect(counts).to.deep.equal({ background: 6, normal: 4, critical: 2 });
  });

  it('says so, and to whom: a route without a priority is normal, and nothing reaches its service', async () => {
    const upstream = await servers.upstream();
    const pressure = { level: () => 1, stop() {} };
    for (const gateway of [
      await servers.public(open(upstream.url), { pressure }),
      await servers.private(open(upstream.url), { pressure }),
    ]) {
      const refused = await ask(gateway.port, '/', { method: 'POST', body: 'unread' });
      expect([refused.status, refused.json()['code'], refused.header('retry-after')]).to.deep.equal([503, 'overloaded', '1']);
      expect(refused.json()['type']).to.equal('https://iana.org/assignments/http-problem-types#temporary-reduced-capacity');
      expect(refused.header('proxy-status')).to.match(/-gateway; ?error=connection_limit_reached/);
    }
    expect(upstream.requests.length).to.equal(0);
  });

  it('measures that by itself: calls are served again when what blocked it is over', async () => {
    const upstream = await servers.upstream();
    const gateway = await servers.public(open(upstream.url, { public: { overload: { eventLoopDelay: '50ms' } } }), {
      pressure: 'measured',
    });
    const statuses = new Set<number>();
    while (!statuses.has(503)) {
      const end = performance.now() + 150;
      while (performance.now() < end);
      statuses.add((await ask(gateway.port)).status);
    }
    expect([...statuses].at(-1)).to.equal(503);
    while ((await ask(gateway.port)).status === 503);
    expect((await ask(gateway.port)).status).to.equal(200);
  });
});
