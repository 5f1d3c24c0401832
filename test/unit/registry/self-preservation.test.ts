import { expect } from 'chai';
import { SelfPreservation, SMALLEST } from '../../../core/registry/self-preservation.ts';

describe('self preservation', () => {
  function withClients(count: number, { strict = false, interval = 30 } = {}) {
    const preservation = new SelfPreservation(strict);
    for (let client = 0; client < count; client += 1) preservation.joined(interval);
    return preservation;
  }

  function renew(preservation: SelfPreservation, times: number, now: number) {
    for (let time = 0; time < times; time += 1) preservation.renewed(now);
  }

  it('lets leases expire only while more than 85 % of the heartbeats come', () => {
    const preservation = withClients(100);
    expect(preservation.threshold).to.equal(170);
    renew(preservation, 170, 1_000);
    expect(preservation.allowsEviction(1_000)).to.equal(false);
    renew(preservation, 1, 1_000);
    expect(preservation.allowsEviction(1_000)).to.equal(true);
    expect(preservation.allowsEviction(60_999)).to.equal(true);
    expect(preservation.allowsEviction(63_000)).to.equal(false);
  });

  it('expects what the instances said, where Eureka expects one each 30 s', () => {
    expect(withClients(100, { interval: 10 }).threshold).to.equal(510);
    expect(withClients(100, { interval: 10, strict: true }).threshold).to.equal(170);
  });

  it('does not take the loss of one among few for the network, which Eureka does', () => {
    expect(withClients(SMALLEST - 1).allowsEviction(0)).to.equal(true);
    expect(withClients(SMALLEST).allowsEviction(0)).to.equal(false);
    expect(withClients(1, { strict: true }).allowsEviction(0)).to.equal(false);
  });

  it('forgets those who left', () => {
    const preservation = withClients(20, { interval: 7 });
    for (let client = 0; client < 20; client += 1) preservation.left(7);
    expect(preservation.threshold).to.equal(0);
  });
});
