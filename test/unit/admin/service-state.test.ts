import { expect } from 'chai';
import { sampleOf } from '../../../core/admin/service-state.ts';
import { ServiceStatistics } from '../../../core/upstream/statistics.ts';
import { aService } from './a-service.ts';

describe('what a service is told to do in a second', () => {
  const rateAfter = (milliseconds: number): number => {
    const statistics = new ServiceStatistics();
    for (let now = 0; now < milliseconds; now += 10) statistics.count(now % 100 === 0 ? 'failure' : 'success', now);
    return sampleOf(aService('orders', { statistics }), milliseconds).rate;
  };

  it('is as much as comes, wherever in its window it is asked for', () => {
    for (const now of [60_000, 60_250, 60_500, 60_990]) expect(rateAfter(now), String(now)).to.equal(100);
  });

  it('is so from the start', () => {
    expect(rateAfter(3_000)).to.equal(100);
  });
});
