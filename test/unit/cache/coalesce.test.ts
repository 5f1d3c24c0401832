import { expect } from 'chai';
import { Flights } from '../../../core/cache/coalesce.ts';
import { testClock } from '../../support/clock.ts';

describe('misses for one answer', () => {
  it('have one who leads, and the others hear what came of it', async () => {
    const flights = new Flights(testClock());
    const flight = flights.lead('k');
    expect(flights.lead('k')).to.equal(undefined);
    expect(flights.lead('other')).to.not.equal(undefined);
    const waiting = [flights.join('k', 10_000), flights.join('k', 10_000)];
    flight?.land('stored');
    flight?.land('left');
    expect(await Promise.all(waiting)).to.deep.equal(['stored', 'stored']);
    expect(flights.lead('k')).to.not.equal(undefined);
  });

  it('do not wait for what was not to be stored, for a while', () => {
    const clock = testClock();
    const flights = new Flights(clock);
    flights.lead('k')?.land('unstorable');
    expect([flights.isUnstorable('k'), flights.isUnstorable('other')]).to.deep.equal([true, false]);
    clock.advance(30_000);
    expect(flights.isUnstorable('k')).to.equal(false);
    flights.lead('k')?.land('unstorable');
    flights.lead('k')?.land('stored');
    expect(flights.isUnstorable('k')).to.equal(false);
  });

  it('wait so long and no longer; then another leads', async () => {
    const flights = new Flights(testClock());
    const slow = flights.lead('k');
    expect(await flights.join('k', 1)).to.equal('late');
    const next = flights.lead('k');
    expect(next).to.not.equal(undefined);
    slow?.land('stored');
    expect(flights.lead('k')).to.equal(undefined);
    next?.land('left');
    expect(flights.size).to.equal(0);
  });

  it('do not wait where nobody leads', async () => {
    expect(await new Flights(testClock()).join('k', 10_000)).to.equal('left');
  });

  it('remember a bounded number of keys', () => {
    const flights = new Flights(testClock());
    const key = (at: number) => `${at}-${'x'.repeat(8_000)}`;
    for (let at = 0; at < 1_000; at += 1) flights.lead(key(at))?.land('unstorable');
    const remembered = Array.from({ length: 1_000 }, (_, at) => flights.isUnstorable(key(at))).filter(Boolean);
    expect(remembered.length).to.be.within(100, 131);
  });
});
