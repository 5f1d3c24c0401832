import { expect } from 'chai';
import fc from 'fast-check';
import type { Balancer } from '../../../core/balancer/balancer.ts';
import { balancers } from '../../../core/balancer/index.ts';
import { stickyValue } from '../../../core/balancer/sticky.ts';
import { balancerNames } from '../../../core/config/schema/balancers.ts';
import { Endpoint } from '../../../core/endpoint/endpoint.ts';
import { OutlierDetector } from '../../../core/endpoint/outlier.ts';
import { type Placed, placementOf, preferred } from '../../../core/upstream/placement.ts';
import { testClock } from '../../support/clock.ts';

interface Given {
  weight?: number;
  zone?: string;
  inFlight?: number;
  healthy?: boolean;
}

function rig(given: readonly Given[], choose: Balancer = balancers.roundRobin(Math.random)) {
  const clock = testClock();
  const endpoints = given.map(({ weight = 1, zone, inFlight = 0, healthy = true }, index) => {
    const url = new URL(`http://10.0.0.1:${4001 + index}`);
    const endpoint = new Endpoint({ url, weight, zone, connectTimeout: 2_000, slowStart: 0, clock });
    endpoint.inFlight = inFlight;
    endpoint.healthy = healthy;
    return endpoint;
  });
  const told: string[] = [];
  const detector = new OutlierDetector<Endpoint>(
    { consecutiveErrors: 1, interval: 10_000, baseEjection: 1_000, maxEjected: 0.5, panicThreshold: 0.5 },
    { onEjected() {}, onReturned() {}, onPanic: () => told.push('panic') },
  );
  detector.watch(endpoints, clock.now());
  const asked: Placed = { method: 'GET', hashKey: undefined, stuckTo: undefined };
  const place = (more: Partial<Placed> = {}, zone?: string) =>
    placementOf({ ...asked, ...more }, { endpoints, choose, detector, zone, balancer: 'any', now: clock.now() });
  return { clock, endpoints, detector, place, told };
}

const chosen = ({ endpoints }: ReturnType<ReturnType<typeof rig>['place']>) => endpoints.map((endpoint) => endpoint.chosen).join(' ');

describe('where a try would be placed', () => {
  it('is where the balancer then places it, if that goes by no lot', () => {
    const some = fc.array(fc.record({ weight: fc.integer({ min: 1, max: 9 }), inFlight: fc.nat(9) }), { minLength: 1, maxLength: 9 });
    fc.assert(
      fc.property(fc.constantFrom('roundRobin', 'consistentHash'), some, fc.array(fc.string({ minLength: 1 })), (name, given, keys) => {
        const choose = balancers[name](Math.random);
        const { endpoints, place, clock } = rig(given, choose);
        for (const hashKey of keys) {
          const explained = place({ hashKey }).endpoints.find((endpoint) => endpoint.chosen === 'yes')?.endpoint;
          expect(explained).to.equal(choose(preferred(endpoints, endpoints, undefined), { now: clock.now(), hashKey })?.id);
        }
      }),
    );
  });

  it('changes nothing, however often it is asked', () => {
    for (const name of balancerNames) {
      const { place, told } = rig(
        [{}, { weight: 2 }, { healthy: false }, { healthy: false }, { healthy: false }],
        balancers[name](Math.random),
      );
      expect(place({ hashKey: 'a' }), name).to.deep.equal(place({ hashKey: 'a' }));
      expect(told).to.deep.equal([]);
    }
  });

  it('says who may be drawn, and by what', () => {
    const { place } = rig([{ inFlight: 1 }, { inFlight: 2 }, { healthy: false }], balancers.leastRequest(Math.random));
    expect(place()).to.include({ by: 'balancer', better: 'lower', compares: 'tries under way for the weight' });
    expect(chosen(place())).to.equal('maybe maybe no');
    expect(place().endpoints.map(({ score, state, because }) => [score, state, because])).to.deep.equal([
      [1, 'available', undefined],
      [2, 'available', undefined],
      [undefined, 'unhealthy', 'it is out of the rotation'],
    ]);
  });

  it('is the endpoint of the cookie, while that is in the rotation', () => {
    const { place, endpoints } = rig([{}, {}, {}]);
    const stuckTo = stickyValue(endpoints[2]?.id ?? '');
    expect(place({ stuckTo }).by).to.equal('cookie');
    expect(chosen(place({ stuckTo }))).to.equal('no no yes');
    if (endpoints[2]) endpoints[2].healthy = false;
    expect(place({ stuckTo }).by).to.equal('balancer');
  });

  it('is the one that is due for its probe', () => {
    const { place, endpoints, detector, clock } = rig([{}, {}]);
    if (endpoints[1]) detector.failure(endpoints[1], clock.now());
    expect(place().endpoints[1]).to.include({ state: 'ejected', chosen: 'no' });
    clock.advance(1_000);
    expect(place().by).to.equal('probe');
    expect(chosen(place())).to.equal('no yes');
    expect(place({ method: 'POST' }).by).to.equal('balancer');
  });

  it('is in the own zone first', () => {
    const { place } = rig([{ zone: 'a' }, { zone: 'b' }]);
    expect(chosen(place({}, 'b'))).to.equal('no yes');
    expect(place({}, 'b').endpoints[0]?.because).to.equal('others go first');
  });

  it('is nowhere without endpoints', () => {
    const { place } = rig([]);
    expect(place()).to.deep.include({ by: 'nobody', endpoints: [] });
  });
});
