import { expect } from 'chai';
import { testClock } from '../support/clock.ts';
import { open, type TestGateway } from '../support/gateways.ts';
import type { Upstream } from '../support/upstream.ts';
import { ask } from './support/ask.ts';
import { eventually } from './support/eventually.ts';
import { serversOfThisSuite } from './support/servers.ts';

describe('the zone of the gateway', () => {
  const servers = serversOfThisSuite();

  /** Endpoints in these zones, behind a gateway; whose number is in `broken` answers 500. */
  const start = async (zones: string[], settings: object = { zone: 'a' }, service: object = {}) => {
    const broken = new Set<number>();
    const upstreams = await Promise.all(
      zones.map((_, index) => servers.upstream((_req, res) => void res.writeHead(broken.has(index) ? 500 : 200).end())),
    );
    const endpoints = upstreams.map(({ url }, index) => ({ url, zone: zones[index] }));
    const gateway = await servers.public(open('', { service: { endpoints, balancer: 'roundRobin', ...service }, public: settings }));
    return { gateway, upstreams, broken };
  };

  /** How many of this many requests each endpoint got. */
  const shares = async (gateway: TestGateway, upstreams: readonly Upstream[], count: number) => {
    const before = upstreams.map(({ requests }) => requests.length);
    for (let asked = 0; asked < count; asked += 1) await ask(gateway.port);
    return upstreams.map(({ requests }, index) => requests.length - (before[index] ?? 0));
  };

  it('comes first', async () => {
    const { gateway, upstreams } = await start(['a', 'b', 'a', 'c']);
    expect(await shares(gateway, upstreams, 20)).to.deep.equal([10, 0, 10, 0]);
  });

  it('is nothing to a gateway that has none, or one that no endpoint is in', async () => {
    for (const settings of [{}, { zone: 'd' }]) {
      const { gateway, upstreams } = await start(['a', 'b', 'a', 'c'], settings);
      expect(await shares(gateway, upstreams, 20)).to.deep.equal([5, 5, 5, 5]);
    }
  });

  it('no longer when less than half of it is left', async () => {
    const { gateway, upstreams, broken } = await start(['a', 'a', 'b', 'b'], { zone: 'a' }, { outlier: { maxEjected: '100%' } });
    broken.add(0);
    await shares(gateway, upstreams, 10);
    expect(await shares(gateway, upstreams, 10)).to.deep.equal([0, 10, 0, 0]);
    broken.add(1);
    await shares(gateway, upstreams, 5);
    expect(await shares(gateway, upstreams, 10)).to.deep.equal([0, 0, 5, 5]);
  });

  it('leads a try that failed there elsewhere, when it has nobody left', async () => {
    const refusing = await servers.upstream((_, res) => void res.writeHead(503).end());
    const good = await servers.upstream();
    const endpoints = [
      { url: refusing.url, zone: 'a' },
      { url: good.url, zone: 'b' },
    ];
    const gateway = await servers.public(open('', { service: { endpoints }, public: { zone: 'a' } }));
    expect((await ask(gateway.port)).status).to.equal(200);
    expect([refusing.requests.length, good.requests.length]).to.deep.equal([1, 1]);
  });

  it('gives to the others what is too much for it', async () => {
    const held: (() => void)[] = [];
    const upstreams = await Promise.all(['a', 'b', 'c'].map(() => servers.upstream((_, res) => void held.push(() => res.end()))));
    const endpoints = upstreams.map(({ url }, index) => ({ url, zone: 'abc'[index] }));
    const gateway = await servers.public(open('', { service: { endpoints }, public: { zone: 'a' } }));
    const all: Promise<unknown>[] = [];
    const hold = async (count: number) => {
      for (let more = 0; more < count; more += 1) all.push(ask(gateway.port));
      await eventually(
        () => held.length,
        (length) => length === all.length,
      );
      return upstreams.map(({ requests }) => requests.length);
    };
    expect(await hold(20)).to.deep.equal([20, 0, 0]);
    for (const count of (await hold(60)).slice(1)) expect(count).to.be.at.least(5);
    for (const end of held) end();
    await Promise.all(all);
  });
});

describe('slow start', () => {
  const servers = serversOfThisSuite();

  it('gives an endpoint that has come back a share that grows', async () => {
    const clock = testClock();
    let broken = false;
    const returning = await servers.upstream((_, res) => void res.writeHead(broken ? 500 : 200).end());
    const steady = await servers.upstream((_, res) => void res.end());
    const endpoints = [returning, steady].map(({ url }) => url);
    const service = { endpoints, balancer: 'roundRobin', slowStart: '60s' };
    const gateway = await servers.public(open('', { service }), { clock });
    const share = async () => {
      const before = returning.requests.length;
      for (let asked = 0; asked < 110; asked += 1) await ask(gateway.port);
      return returning.requests.length - before;
    };
    // At the start both are new, and beside each other alike.
    expect(await share()).to.be.within(54, 56);
    clock.advance(60_000);
    expect(await share()).to.be.within(54, 56);

    broken = true;
    await share();
    expect(await share()).to.equal(0);
    broken = false;
    clock.advance(30_001);
    await ask(gateway.port);
    // A tenth beside a whole one is an eleventh of both.
    expect(await share()).to.be.within(9, 11);
    clock.advance(30_000);
    expect(await share()).to.be.within(35, 38);
    clock.advance(30_000);
    expect(await share()).to.be.within(54, 56);
  });
});
