import { expect } from 'chai';
import { servicesState } from '../../../core/admin/services-state.ts';
import type { ServiceView } from '../../../core/upstream/service-view.ts';
import { ServiceStatistics } from '../../../core/upstream/statistics.ts';
import { type TestClock, testClock } from '../../support/clock.ts';
import { aService } from './a-service.ts';

describe('what all services are told to do', () => {
  const COUNT = 10;
  let clock: TestClock;
  let looked: string[];
  let states: string[];
  let services: ServiceView[];

  /** @param cost milliseconds that a look takes */
  const start = (cost: number) => {
    clock = testClock();
    looked = [];
    states = Array.from({ length: COUNT }, () => 'closed');
    services = Array.from({ length: COUNT }, (_, at) =>
      aService(`service-${at}`, {
        statistics: new ServiceStatistics(),
        breaker: {
          get state() {
            return states[at] === 'open' ? 'open' : 'closed';
          },
          health() {
            looked.push(`service-${at}`);
            clock.advance(cost);
            return { total: 0, errors: 0 };
          },
        },
      }),
    );
    const told = servicesState(clock, () => services);
    return () => {
      looked = [];
      return told(clock.now());
    };
  };

  it('is all of them at first, in their order', () => {
    const turn = start(1);
    expect(Object.keys(turn())).to.deep.equal(services.map(({ name }) => name));
    expect(looked).to.have.lengthOf(COUNT);
  });

  it('is made anew each turn where it costs next to nothing', () => {
    const turn = start(0.05);
    turn();
    turn();
    expect(looked).to.have.members(services.map(({ name }) => name));
  });

  it('is made anew by turns where it costs more, and each has its own', () => {
    const turn = start(0.4);
    let before = turn();
    const seen = new Set<string>();
    for (let count = 0; count < 4; count += 1) {
      const after = turn();
      expect(looked, 'as many as there is room for').to.have.lengthOf(3);
      for (const [name, state] of Object.entries(after)) expect(state !== before[name], name).to.equal(looked.includes(name));
      for (const name of looked) seen.add(name);
      before = after;
    }
    expect(seen).to.have.lengthOf(COUNT);
  });

  it('is at once that of a circuit that has opened, whatever it costs, and of a service that is another by now', () => {
    const turn = start(5);
    turn();
    states[3] = 'open';
    states[7] = 'open';
    services[8] = aService('service-8', { concurrency: { inFlight: 3, limit: 7, queued: 0 } });
    services.splice(0, 1);
    const told = turn();
    expect(told).to.not.have.property('service-0');
    expect(told).to.have.nested.property('service-3.circuit', 'open');
    expect(told).to.have.nested.property('service-7.circuit', 'open');
    expect(told).to.have.nested.property('service-8.limit', 7);
  });

  it('is nothing of none', () => {
    const turn = start(1);
    services = [];
    expect(turn()).to.deep.equal({});
  });
});
