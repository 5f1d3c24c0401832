import { expect } from 'chai';
import { testClock } from '../support/clock.ts';
import { open } from '../support/gateways.ts';
import { ask } from './support/ask.ts';
import { scrape } from './support/prometheus.ts';
import { serversOfThisSuite } from './support/servers.ts';

describe('an endpoint that always fails', () => {
  const servers = serversOfThisSuite();
  const clock = testClock();
  let broken = true;

  const start = async () => {
    const answers = (status: () => number) => servers.upstream((_, res) => void res.writeHead(status()).end());
    const good = await Promise.all([answers(() => 200), answers(() => 200)]);
    const bad = await answers(() => (broken ? 500 : 200));
    const endpoints = [bad, ...good].map(({ url }) => url);
    const gateway = await servers.public(open('', { service: { endpoints, balancer: 'roundRobin' } }), { clock });
    return { gateway, bad, good };
  };

  it('is out after five failures, and one probe brings it back', async () => {
    const { gateway, bad, good } = await start();
    const statuses = async (count: number) => {
      const all: number[] = [];
      for (let asked = 0; asked < count; asked += 1) all.push((await ask(gateway.port)).status);
      return all;
    };
    await statuses(15);
    expect(bad.requests.length).to.equal(5);

    const later = await statuses(200);
    expect(bad.requests.length).to.equal(5);
    expect(later.filter((status) => status === 200).length / later.length).to.be.at.least(0.99);
    expect(good.map(({ requests }) => requests.length)).to.deep.equal([105, 105]);
    const up = (await scrape(gateway.admin)).named('gateway_endpoint_health').map(({ value }) => value);
    expect(up).to.have.members([0, 1, 1]);

    // Its time is over, and it still fails: one request is all it gets, and it stays out for longer.
    clock.advance(30_001);
    await statuses(30);
    expect(bad.requests.length).to.equal(6);
    clock.advance(30_001);
    await statuses(30);
    expect(bad.requests.length).to.equal(6);

    clock.advance(30_001);
    broken = false;
    await statuses(31);
    // The probe, and from then on its third.
    expect(bad.requests.length).to.be.within(6 + 1 + 9, 6 + 1 + 11);
    await gateway.drain();
    const events = gateway.logged().filter(({ event }) => String(event).startsWith('endpoint-'));
    expect(events.map(({ event, service, endpoint }) => [event, service, endpoint])).to.deep.equal([
      ['endpoint-ejected', 'upstream', `127.0.0.1:${bad.port}`],
      ['endpoint-ejected', 'upstream', `127.0.0.1:${bad.port}`],
      ['endpoint-returned', 'upstream', `127.0.0.1:${bad.port}`],
    ]);
  });
});
