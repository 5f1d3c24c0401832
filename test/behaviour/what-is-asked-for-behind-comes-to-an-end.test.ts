import { expect } from 'chai';
import { type TestClock, testClock } from '../support/clock.ts';
import { open } from '../support/gateways.ts';
import { ask } from './support/ask.ts';
import { type Counting, counting, give } from './support/counting.ts';
import { eventually } from './support/eventually.ts';
import { atRest } from './support/holding.ts';
import { serversOfThisSuite } from './support/servers.ts';

describe('what is asked for behind a stale answer comes to an end', () => {
  const servers = serversOfThisSuite();
  let clock: TestClock;
  let service: Counting;
  /** Answers that were cut, of this test alone. */
  let cut: { count: number };
  beforeEach(async () => {
    clock = testClock();
    cut = { count: 0 };
    service = await counting(servers, { 'Cache-Control': 'max-age=5' });
  });

  /** A gateway that has a stale answer and a service that begins others, and ends none. */
  const stale = async (begins: number, more: Parameters<typeof open>[1] = {}) => {
    const own = cut;
    const cache = { staleWhileRevalidate: '1m', maxBody: '1KiB' };
    const gateway = await servers.public(open(service.url, { route: { cache }, ...more }), { clock });
    await ask(gateway.port);
    clock.advance(6_000);
    service.answer = (_, res) => {
      res.once('close', () => {
        own.count += 1;
      });
      res.writeHead(200, { 'Cache-Control': 'max-age=5' }).write('x'.repeat(begins));
    };
    expect((await ask(gateway.port)).body).to.equal('1');
    return gateway;
  };
  const isCut = () =>
    eventually(
      () => cut.count,
      (count) => count === 1,
    );

  it('once it is larger than what is stored, which ends what was', async () => {
    const gateway = await stale(2_048);
    await isCut();
    expect((await atRest(gateway)).inFlight).to.equal(0);
    service.answer = (_, res) => give(res, {}, 'new');
    expect((await ask(gateway.port)).body).to.equal('new');
  });

  it('when its time is up, as any call, to the last byte', async () => {
    const gateway = await stale(1, { service: { timeouts: { attempt: '50ms', request: '50ms' } } });
    await isCut();
    expect((await ask(gateway.port)).body).to.equal('1');
  });

  it('when the gateway does', async () => {
    const gateway = await stale(1);
    await eventually(
      () => service.count,
      (count) => count === 2,
    );
    expect(await gateway.drain()).to.equal(0);
    await isCut();
  });
});
