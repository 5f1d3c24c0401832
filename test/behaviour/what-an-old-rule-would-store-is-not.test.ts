import type { ServerResponse } from 'node:http';
import { expect } from 'chai';
import { testClock } from '../support/clock.ts';
import { open } from '../support/gateways.ts';
import { ask } from './support/ask.ts';
import { eventually } from './support/eventually.ts';
import { serversOfThisSuite } from './support/servers.ts';

describe('what a request finds that was begun before its rule of caching was replaced', () => {
  const servers = serversOfThisSuite();

  it('is given to it, and stored for nobody', async () => {
    const held: ServerResponse[] = [];
    const upstream = await servers.upstream((_, res) => held.push(res));
    const given = (ttl: string) => open(upstream.url, { route: { cache: { ttl } } });
    const gateway = await servers.public(given('1h'), { clock: testClock() });
    const asked = (count: number) =>
      eventually(
        () => held.length,
        (now) => now === count,
      );
    const first = ask(gateway.port, '/a');
    await asked(1);
    // It waits for what becomes of the first, and asks by itself when that is not stored.
    const second = ask(gateway.port, '/a');
    await eventually(
      async () => await (await fetch(`${gateway.admin}/metrics`)).text(),
      (text) => text.includes('http_server_active_requests{http_request_method="GET",url_scheme="http"} 2'),
    );
    gateway.rewrite(given('2h'));
    expect(await gateway.reloading.reload('api')).to.include({ ok: true, changed: true });
    held[0]?.end('first');
    expect((await first).body).to.equal('first');
    await asked(2);
    held[1]?.end('second');
    expect([(await second).body, (await second).header('cache-status')]).to.deep.equal(['second', 'public-gateway; fwd=miss']);
    const third = ask(gateway.port, '/a');
    await asked(3);
    held[2]?.end('third');
    expect((await third).body).to.equal('third');
    expect((await ask(gateway.port, '/a')).header('cache-status')).to.equal('public-gateway; hit; ttl=7200');
  });
});
