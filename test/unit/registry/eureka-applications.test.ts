import { expect } from 'chai';
import fc from 'fast-check';
import { Applications } from '../../../core/registry/eureka-applications.ts';
import { eurekaInstance, eurekaList } from '../../support/eureka-server.ts';

const origins = (applications: Applications, app: string, now = 0) => applications.endpoints(app, now).map(({ origin }) => origin);

describe('the applications of a Eureka registry', () => {
  it('by deltas are those of the full list, or say that they differ', () => {
    const instance = fc
      .tuple(fc.constantFrom('A', 'B'), fc.integer({ min: 1, max: 6 }), fc.constantFrom('UP', 'DOWN', 'OUT_OF_SERVICE'))
      .map(([app, port, status]) => eurekaInstance(app, port, { status }));
    const step = fc.array(fc.record({ instance, gone: fc.boolean() }), { maxLength: 5 });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20, size: 'max' }), (steps) => {
        const truth = new Map<string, ReturnType<typeof eurekaInstance>>();
        const applications = new Applications();
        applications.full(eurekaList([]), 0, false);
        for (const changes of steps) {
          const told = changes.map((change) => {
            const { instanceId } = change.instance;
            if (change.gone) truth.delete(instanceId);
            else truth.set(instanceId, change.instance);
            return { ...change.instance, actionType: change.gone ? 'DELETED' : 'MODIFIED' };
          });
          const whole = eurekaList([...truth.values()]) as { applications: { apps__hashcode: string } };
          expect(applications.hashcode()).to.be.a('string');
          // The order of changes is that of the list, application by application, so only what is last of each matters.
          expect(applications.delta(eurekaList(told, whole.applications.apps__hashcode))).to.equal(true);
          for (const app of ['A', 'B']) {
            const up = [...truth.values()].filter((one) => one.app === app && one.status === 'UP');
            expect(origins(applications, app).toSorted()).to.deep.equal(up.map(({ port }) => `http://127.0.0.1:${port.$}`).toSorted());
          }
        }
        expect(applications.delta(eurekaList([], 'UP_99_'))).to.equal(false);
      }),
    );
  });

  it('give endpoints their zone, weight and health path, and https where the secure port is on', () => {
    const applications = new Applications();
    const secure = { securePort: { $: '8443', '@enabled': true }, metadata: { zone: 'b', weight: '3', healthPath: '/up' } };
    applications.full(eurekaList([eurekaInstance('A', 8080, secure), eurekaInstance('A', 8081, { metadata: { weight: '-1' } })]), 0, false);
    expect(applications.endpoints('A', 0)).to.deep.equal([
      { origin: 'https://127.0.0.1:8443', weight: 3, zone: 'b', healthPath: '/up' },
      { origin: 'http://127.0.0.1:8081', weight: 1, zone: undefined, healthPath: undefined },
    ]);
  });

  it('use for one more lease whom a restarted server forgot, unless it says what became of them', () => {
    const applications = new Applications();
    const [a, b, c] = [eurekaInstance('A', 4001), eurekaInstance('A', 4002), eurekaInstance('A', 4003)];
    applications.full(eurekaList([a, b, c]), 0, false);
    applications.full(eurekaList([a]), 1_000, true);
    expect(origins(applications, 'A', 1_000)).to.have.length(3);
    expect(applications.hashcode()).to.equal('UP_1_');
    applications.delta(eurekaList([{ ...b, actionType: 'DELETED' }], 'UP_1_'));
    expect(origins(applications, 'A', 2_000)).to.deep.equal(['http://127.0.0.1:4001', 'http://127.0.0.1:4003']);
    expect(origins(applications, 'A', 91_001)).to.deep.equal(['http://127.0.0.1:4001']);
  });

  it('give up those forgotten when their time is over, and say when the next is', () => {
    const applications = new Applications();
    const [a, b] = [eurekaInstance('A', 4001), eurekaInstance('B', 4002)];
    applications.full(eurekaList([a, b]), 0, false);
    applications.full(eurekaList([b]), 1_000, true);
    applications.full(eurekaList([]), 2_000, true);
    applications.takeChanged();
    expect(applications.expire(90_999)).to.equal(91_000);
    expect([...applications.takeChanged()]).to.deep.equal([]);
    expect(applications.expire(91_000)).to.equal(92_000);
    expect([...applications.takeChanged()]).to.deep.equal(['A']);
    expect(applications.expire(92_000)).to.equal(undefined);
    expect([...applications.takeChanged()]).to.deep.equal(['B']);
  });

  it('keep for a lease an application that lost everybody, whoever lists it, and nobody of one that did not', () => {
    const applications = new Applications();
    const [a, b, other] = [eurekaInstance('A', 4001), eurekaInstance('B', 4002), eurekaInstance('B', 4003)];
    applications.full(eurekaList([a, b, other]), 0, false);
    applications.full(eurekaList([b]), 1_000, false);
    const ports = (app: string, now: number) => applications.endpoints(app, now).map(({ origin }) => new URL(origin).port);
    expect([ports('A', 90_999), ports('A', 91_000), ports('B', 1_000)]).to.deep.equal([['4001'], [], ['4002']]);
  });

  it('take in single changes as deltas, and know which application each was of', () => {
    const applications = new Applications();
    const a = eurekaInstance('A', 4001);
    applications.full(eurekaList([a]), 0, false);
    applications.takeChanged();
    applications.change(eurekaInstance('b', 4002, { status: 'OUT_OF_SERVICE' }), 'ADDED');
    applications.change({ app: 'A', instanceId: a.instanceId, status: 'UP' }, 'DELETED');
    for (const odd of [undefined, null, 1, {}, { app: 'C' }]) applications.change(odd, 'ADDED');
    expect([applications.hashcode(), [...applications.takeChanged()]]).to.deep.equal(['OUT_OF_SERVICE_1_', ['B', 'A']]);
    expect([...applications.takeChanged()]).to.deep.equal([]);
  });

  it('count a status that nobody knows as Eureka does', () => {
    const applications = new Applications();
    applications.full(eurekaList([eurekaInstance('A', 4001, { status: 'up' }), eurekaInstance('A', 4002, { status: 'ASLEEP' })]), 0, false);
    expect(applications.hashcode()).to.equal('UNKNOWN_1_UP_1_');
  });

  it('are bounded, whatever a server says, and so are those it forgot', () => {
    const applications = new Applications();
    const many = (prefix: string, count: number) => ({
      applications: {
        application: { name: 'A', instance: Array.from({ length: count }, (_, at) => ({ instanceId: prefix + at, status: 'UP' })) },
      },
    });
    expect(() => applications.full(many('a', 100_001), 0, false)).to.throw('more than 100000');
    applications.full(many('a', 100_000), 0, false);
    expect(() => applications.delta(many('b', 1))).to.throw('more than 100000');
    expect(() => applications.change({ app: 'B', instanceId: 'b', status: 'UP' }, 'ADDED')).to.throw('more than 100000');
    expect(applications.hashcode()).to.equal('UP_100000_');
    applications.full(many('b', 1), 0, true);
    applications.full(many('c', 99_999), 0, true);
    applications.full(many('d', 1), 0, true);
    expect(applications.forgotten).to.equal(100_000);
  });

  it('have all that a registry takes, or the hash codes would never agree', () => {
    const applications = new Applications();
    const instances = ['i', 'j'].map((letter) => eurekaInstance('A', 4001, { instanceId: letter.repeat(256) }));
    applications.full(eurekaList(instances), 0, false);
    expect(applications.hashcode()).to.equal('UP_2_');
  });

  it('survive whatever anybody registered', () => {
    const applications = new Applications();
    expect(() => applications.full([], 0, false)).to.throw('no list of applications');
    expect(() => applications.full(null, 0, false)).to.throw('no list of applications');
    fc.assert(
      fc.property(fc.anything(), fc.anything(), (instance, host) => {
        const odd = eurekaInstance('A', 4001, { hostName: host });
        applications.full({ applications: { application: { name: 'A', instance: [instance, odd] } } }, 0, false);
        for (const { origin } of applications.endpoints('A', 0)) expect(new URL(origin).origin).to.equal(origin);
      }),
    );
  });
});
