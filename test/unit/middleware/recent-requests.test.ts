import { expect } from 'chai';
import fc from 'fast-check';
import { type RecentRequest, RecentRequests } from '../../../core/middleware/recent-requests.ts';

const aRequest = (more: Partial<RecentRequest> = {}): RecentRequest => ({
  id: 'a',
  at: 0,
  revision: 'r',
  method: 'GET',
  target: '/',
  host: 'shop.example',
  scheme: 'http',
  headers: [],
  leftOut: [],
  client: '127.0.0.1',
  peer: '127.0.0.1',
  principal: undefined,
  route: undefined,
  service: undefined,
  status: 404,
  code: 'no-route',
  detail: undefined,
  cause: undefined,
  durationMs: 1,
  waitedMs: undefined,
  attempts: [],
  cache: undefined,
  parts: undefined,
  traceId: undefined,
  ...more,
});

describe('the requests that were refused or failed lately', () => {
  it('are so many at most, and the oldest go first', () => {
    const recent = new RecentRequests({ most: 2 });
    for (const id of ['a', 'b', 'c']) recent.add(aRequest({ id }));
    expect(recent.list({ limit: 10 }).map(({ id }) => id)).to.deep.equal(['c', 'b']);
    expect(recent.find('a')).to.deep.equal([]);
  });

  it('take no more memory than they may, whatever comes', () => {
    const sizes = fc.array(fc.record({ characters: fc.nat(20_000), claims: fc.nat(8_192) }), { maxLength: 60 });
    fc.assert(
      fc.property(sizes, (all) => {
        const memory = 64 * 1024;
        const recent = new RecentRequests({ memory });
        for (const { characters, claims } of all) {
          recent.add(aRequest({ target: 'x'.repeat(characters) }), claims);
          expect(recent.bytes).to.be.at.most(memory);
        }
        if (recent.list({ limit: 1_000 }).length === 0) expect(recent.bytes).to.equal(0);
      }),
    );
  });

  it('are so many a second of one kind, and of all kinds, and the others are counted', () => {
    const recent = new RecentRequests();
    const taken = (times: number, route: string | undefined, code: string, now: number) =>
      Array.from({ length: times }, () => recent.takes(route, code, now)).filter(Boolean).length;
    expect(taken(1_000, 'orders', 'rate-limited', 5_000)).to.equal(20);
    expect(recent.passedOver).to.equal(980);
    expect([taken(1, 'orders', 'forbidden', 5_999), taken(1, undefined, 'rate-limited', 5_999)]).to.deep.equal([1, 1]);
    expect(taken(30, 'orders', 'rate-limited', 6_000)).to.equal(20);
    const kinds = Array.from({ length: 100 }, (_, nth) => taken(10, `route-${nth}`, 'rate-limited', 7_000));
    expect(kinds.reduce((sum, one) => sum + one)).to.equal(200);
    expect(taken(1, 'orders', 'rate-limited', 3_600_000)).to.equal(1);
  });

  it('are found by what they are about', () => {
    const recent = new RecentRequests();
    recent.add(aRequest({ id: '1', route: 'orders', code: 'forbidden', status: 403 }));
    recent.add(aRequest({ id: '2', code: undefined, status: 500, principal: { kind: 'caller', name: 'shop', rateLimit: undefined } }));
    const ids = (filter: object) => recent.list({ limit: 10, ...filter }).map(({ id }) => id);
    expect(ids({})).to.deep.equal(['2', '1']);
    expect(ids({ route: 'orders' })).to.deep.equal(['1']);
    expect(ids({ code: '500' })).to.deep.equal(['2']);
    expect(ids({ code: 'forbidden' })).to.deep.equal(['1']);
    expect(ids({ by: 'shop' })).to.deep.equal(['2']);
    expect(ids({ limit: 1 })).to.deep.equal(['2']);
  });
});
