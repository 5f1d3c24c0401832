import type { ServerResponse } from 'node:http';
import { expect } from 'chai';
import { testClock } from '../support/clock.ts';
import { freePorts } from '../support/free-ports.ts';
import { open } from '../support/gateways.ts';
import { ask } from './support/ask.ts';
import { eventually } from './support/eventually.ts';
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

  /** One endpoint that is bad in some way and one that is good, behind a gateway that tries nothing again. */
  const beside = async (bad: string, service: object = {}) => {
    const time = testClock();
    const good = await servers.upstream();
    const resilience = { balancer: 'roundRobin', retry: { attempts: 0 }, circuitBreaker: { force: 'closed' } };
    const gateway = await servers.public(open('', { service: { endpoints: [bad, good.url], ...resilience, ...service } }), { clock: time });
    const codes = async (count: number) => {
      const all: unknown[] = [];
      for (let asked = 0; asked < count; asked += 1) {
        const answer = await ask(gateway.port);
        all.push(answer.status === 200 ? 200 : answer.json()['code']);
      }
      return all;
    };
    return { gateway, good, clock: time, codes };
  };

  it('is out too when it takes no connection, cuts what it has, or is too slow', async () => {
    const nobody = `http://127.0.0.1:${(await freePorts(1))[0]}`;
    const cutting = await servers.upstream((req) => void req.socket.resetAndDestroy());
    const silent = await servers.upstream(() => {});
    for (const [url, expected, service] of [
      [nobody, 'connection-refused', {}],
      [cutting.url, 'connection-terminated', {}],
      [silent.url, 'attempt-timeout', { timeouts: { attempt: '200ms' } }],
    ] as const) {
      const { codes } = await beside(url, service);
      expect(await codes(9)).to.deep.equal([expected, 200, expected, 200, expected, 200, expected, 200, expected]);
      expect(await codes(10)).to.deep.equal(Array(10).fill(200));
    }
  });

  it('is not out for what clients do wrong, nor when they leave', async () => {
    const upstream = await servers.upstream((req, res) => {
      if (req.url === '/missing') res.writeHead(404).end();
    });
    const { gateway } = await beside(upstream.url);
    for (let asked = 0; asked < 20; asked += 1) await ask(gateway.port, '/missing');
    for (let left = 0; left < 6; left += 1) {
      const before = upstream.requests.length;
      const leaving = new AbortController();
      const all = [1, 2].map(() => fetch(gateway.url, { signal: leaving.signal }).catch(() => {}));
      await eventually(
        () => upstream.requests.length,
        (count) => count > before,
      );
      leaving.abort();
      await Promise.all(all);
    }
    const up = (await scrape(gateway.admin)).named('gateway_endpoint_health').map(({ value }) => value);
    expect(up).to.deep.equal([1, 1]);
  });

  it('is probed by the next request when the client of the first one leaves', async () => {
    let answer = (res: ServerResponse): void => void res.writeHead(500).end();
    const upstream = await servers.upstream((_, res) => answer(res));
    const { gateway, codes, clock: time, good } = await beside(upstream.url);
    await codes(10);
    expect([upstream.requests.length, good.requests.length]).to.deep.equal([5, 5]);

    time.advance(30_001);
    answer = () => {};
    const leaving = new AbortController();
    const left = fetch(gateway.url, { signal: leaving.signal }).catch((error: Error) => error.name);
    await eventually(
      () => upstream.requests.length,
      (count) => count === 6,
    );
    expect(await codes(4)).to.deep.equal([200, 200, 200, 200]);
    expect(upstream.requests.length).to.equal(6);
    const { socket } = upstream.requests[5] ?? {};
    const closed = new Promise((resolve) => socket?.once('close', resolve));
    leaving.abort();
    expect(await left).to.equal('AbortError');
    await closed;

    answer = (res) => void res.writeHead(200).end();
    await ask(gateway.port);
    expect(upstream.requests.length).to.equal(7);
    await gateway.drain();
    const events = gateway.logged().filter(({ event }) => String(event).startsWith('endpoint-'));
    expect(events.map(({ event }) => event)).to.deep.equal(['endpoint-ejected', 'endpoint-returned']);
  });
});
