import { expect } from 'chai';
import { ServiceStatistics, serviceEvents } from '../../../core/upstream/statistics.ts';

describe('ServiceStatistics', () => {
  it('counts each event for the length of its window, in ten steps', () => {
    const statistics = new ServiceStatistics(20_000);
    for (const [index, event] of serviceEvents.entries()) {
      for (let times = 0; times <= index; times += 1) statistics.count(event, 1_000);
    }
    const expected = Object.fromEntries(serviceEvents.map((event, index) => [event, index + 1]));
    expect(statistics.counts(19_999)).to.deep.equal(expected);
    statistics.count('success', 20_000);
    expect(statistics.counts(20_000)).to.deep.equal(Object.fromEntries(serviceEvents.map((event) => [event, event === 'success' ? 1 : 0])));
  });

  it('knows how many tries have a place, had at once, and gave it back', () => {
    const statistics = new ServiceStatistics();
    for (const now of [0, 0, 100]) statistics.entered(now);
    statistics.left(200);
    statistics.left(300);
    expect([statistics.inFlight, statistics.mostInFlight, statistics.completed, statistics.maxInFlight(300)]).to.deep.equal([1, 3, 2, 3]);
  });

  it('forgets the most at once with the window, but not what is still under way', () => {
    const statistics = new ServiceStatistics();
    statistics.entered(0);
    statistics.entered(0);
    statistics.left(1_000);
    expect([9_999, 10_999, 11_000, 60_000].map((now) => statistics.maxInFlight(now))).to.deep.equal([2, 2, 1, 1]);
    statistics.left(60_000);
    expect([69_999, 70_000].map((now) => statistics.maxInFlight(now))).to.deep.equal([1, 0]);
    expect(statistics.mostInFlight).to.equal(2);
  });

  it('keeps the time of single tries apart from that of whole calls', () => {
    const statistics = new ServiceStatistics();
    for (const milliseconds of [10, 20, 30]) statistics.executed(milliseconds, 500);
    statistics.called(75, 500);
    const executed = statistics.executedLatencies(10_000);
    expect([executed.mean, executed.percentile(0), executed.percentile(100)]).to.deep.equal([20, 10, 30]);
    const called = statistics.calledLatencies(10_000);
    expect([called.mean, called.percentile(50)]).to.deep.equal([75, 75]);
    expect(statistics.executedLatencies(80_000).mean).to.equal(0);
  });
});
