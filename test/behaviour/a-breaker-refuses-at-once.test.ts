import { expect } from 'chai';
import { testClock } from '../support/clock.ts';
import { open } from '../support/gateways.ts';
import { ask } from './support/ask.ts';
import { eventually } from './support/eventually.ts';
import { scrape } from './support/prometheus.ts';
import { serversOfThisSuite } from './support/servers.ts';

describe('a circuit breaker', () => {
  const servers = serversOfThisSuite();

  it('opens when half of twenty fail, answers at once, and lets one through each five seconds', async () => {
    const clock = testClock();
    let failing = (count: number) => count % 2 === 0;
    let count = 0;
    const upstream = await servers.upstream((_, res) => {
      count += 1;
      res.writeHead(failing(count) ? 500 : 200).end();
    });
    const gateway = await servers.public(open(upstream.url), { clock });
    const statuses = async (times: number) => {
      const all: number[] = [];
      for (let asked = 0; asked < times; asked += 1) all.push((await ask(gateway.port)).status);
      return all;
    };

    expect(await statuses(19)).to.not.include(503);
    await statuses(1);
    expect(upstream.requests.length).to.equal(20);

    const refused = await ask(gateway.port);
    expect([refused.status, refused.json()['code'], refused.header('retry-after')]).to.deep.equal([503, 'circuit-open', '5']);
    expect(refused.json()['type']).to.equal('https://iana.org/assignments/http-problem-types#temporary-reduced-capacity');
    expect(await statuses(50)).to.deep.equal(Array(50).fill(503));
    expect(upstream.requests.length).to.equal(20);
    const state = async () => (await scrape(gateway.admin)).named('gateway_circuit_breaker_state')[0]?.value;
    expect(await state()).to.equal(2);

    failing = () => true;
    clock.advance(5_000);
    expect(await statuses(10)).to.deep.equal([500, ...Array(9).fill(503)]);
    clock.advance(4_999);
    expect(await statuses(2)).to.deep.equal([503, 503]);
    clock.advance(1);
    failing = () => false;
    expect(await statuses(10)).to.deep.equal(Array(10).fill(200));
    expect(await state()).to.equal(0);

    await gateway.drain();
    const changes = gateway.logged().filter(({ event }) => event === 'circuit-breaker');
    expect(changes.map(({ service, from, to }) => [service, from, to].join(' '))).to.deep.equal([
      'upstream closed open',
      'upstream open half-open',
      'upstream half-open open',
      'upstream open half-open',
      'upstream half-open closed',
    ]);
  });

  it('lets one trial through however many come at once', async () => {
    const clock = testClock();
    let held: (() => void)[] | undefined;
    const upstream = await servers.upstream((_, res) => {
      if (held) held.push(() => res.end());
      else res.writeHead(500).end();
    });
    const gateway = await servers.public(open(upstream.url, { service: { circuitBreaker: { requestVolume: 2 } } }), { clock });
    await ask(gateway.port);
    await ask(gateway.port);
    clock.advance(5_000);
    held = [];
    const statuses: number[] = [];
    const all = Array.from({ length: 20 }, async () => void statuses.push((await ask(gateway.port)).status));
    await eventually(
      () => statuses.length,
      (count) => count === 19,
    );
    expect([statuses, held.length]).to.deep.equal([Array(19).fill(503), 1]);
    held[0]?.();
    await Promise.all(all);
    expect(statuses.at(-1)).to.equal(200);
  });

  it('that the configuration holds open refuses everything, one held closed nothing', async () => {
    const upstream = await servers.upstream((_, res) => void res.writeHead(500).end());
    const forced = (force: string) => servers.public(open(upstream.url, { service: { circuitBreaker: { force, requestVolume: 1 } } }));
    expect((await ask((await forced('open')).port)).status).to.equal(503);
    const closed = await forced('closed');
    for (let asked = 0; asked < 5; asked += 1) expect((await ask(closed.port)).status).to.equal(500);
  });
});
