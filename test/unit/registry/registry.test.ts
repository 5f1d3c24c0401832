import { expect } from 'chai';
import type { InstanceStatus } from '../../../core/registry/instance.ts';
import { Registry } from '../../../core/registry/registry.ts';
import type { Change } from '../../../core/registry/view.ts';
import { testClock } from '../../support/clock.ts';
import { aRegistration } from './a-registration.ts';

function aRegistry({ strict = false, capacity = { instances: 100, bytes: 100_000, each: 2_000 } } = {}) {
  const clock = testClock();
  const registry = new Registry({ clock, random: () => 0, strict, capacity });
  const changes: Change[] = [];
  registry.onChange((change) => changes.push(change));
  const status = (): InstanceStatus | undefined => registry.find('ORDERS', 'one')?.instance.status;
  return { clock, registry, changes, status };
}

describe('Registry', () => {
  it('tells of every change, and reads by application in any case', () => {
    const { registry, changes } = aRegistry();
    registry.register(aRegistration());
    registry.override('ORDERS', 'one', 'OUT_OF_SERVICE');
    registry.cancel('ORDERS', 'one');
    expect(changes.map(({ version, instance: { actionType, status } }) => [version, actionType, status])).to.deep.equal([
      [1, 'ADDED', 'UP'],
      [2, 'MODIFIED', 'OUT_OF_SERVICE'],
      [3, 'DELETED', 'OUT_OF_SERVICE'],
    ]);
    expect(registry.instances('orders')).to.deep.equal([]);
    registry.register(aRegistration());
    expect(registry.instances('Orders')).to.have.length(1);
  });

  it('keeps the dirtier of two registrations', () => {
    const { registry } = aRegistry();
    registry.register(aRegistration({ lastDirtyTimestamp: 2, hostName: 'newer' }));
    registry.register(aRegistration({ lastDirtyTimestamp: 1, hostName: 'older' }));
    expect(registry.find('ORDERS', 'one')?.instance.hostName).to.equal('newer');
    expect(registry.size).to.equal(1);
  });

  it('keeps an override over a new registration, until it is taken back', () => {
    const { registry, status } = aRegistry();
    registry.register(aRegistration());
    registry.override('ORDERS', 'one', 'OUT_OF_SERVICE');
    registry.register(aRegistration({ lastDirtyTimestamp: 2 }));
    expect(status()).to.equal('OUT_OF_SERVICE');
    expect(registry.renew('ORDERS', 'one')).to.equal(true);
    registry.removeOverride('ORDERS', 'one', 'UNKNOWN');
    expect(status()).to.equal('UNKNOWN');
    expect(registry.renew('ORDERS', 'one'), 'must register again').to.equal(false);
    registry.register(aRegistration({ lastDirtyTimestamp: 3 }));
    expect(status()).to.equal('UP');
  });

  it('does not keep an override of one that was cancelled', () => {
    const { registry, status } = aRegistry();
    registry.register(aRegistration());
    registry.override('ORDERS', 'one', 'OUT_OF_SERVICE');
    registry.cancel('ORDERS', 'one');
    registry.register(aRegistration());
    expect(status()).to.equal('UP');
  });

  it('tells of an override that a peer knows, which comes into force with the next heartbeat', () => {
    const { registry, changes, status } = aRegistry();
    registry.register(aRegistration());
    for (const override of ['OUT_OF_SERVICE', 'OUT_OF_SERVICE'] as const) registry.noteOverride('ORDERS', 'one', override);
    registry.noteOverride('ORDERS', 'nobody', 'DOWN');
    expect(changes.map(({ version, instance }) => [version, instance.status, instance.overriddenStatus])).to.deep.equal([
      [1, 'UP', 'UNKNOWN'],
      [2, 'UP', 'OUT_OF_SERVICE'],
    ]);
    expect(registry.recentChanges().map(({ instance: { actionType } }) => actionType)).to.deep.equal(['MODIFIED']);
    registry.renew('ORDERS', 'one', { replication: true });
    expect([registry.version, status()]).to.deep.equal([3, 'OUT_OF_SERVICE']);
  });

  it('misses one of which a peer heard a heartbeat', () => {
    const { registry } = aRegistry();
    registry.register(aRegistration(), { replication: true, proven: true });
    registry.register(aRegistration({ id: 'two' }), { replication: true });
    expect(registry.leases().map(({ proven }) => proven)).to.deep.equal([true, false]);
    expect(registry.renewals.threshold, 'of one that beats twice a minute').to.equal(1);
  });

  it('lets an instance go when its lease is over, and in strict mode when it is over twice', () => {
    for (const [strict, lives] of [
      [false, 90_000],
      [true, 180_000],
    ] as const) {
      const { clock, registry, status } = aRegistry({ strict });
      // Strict self preservation needs others, who go on.
      for (let other = 0; other < 20; other += 1) registry.register(aRegistration({ id: `other${other}`, leaseDuration: 3_600 }));
      registry.register(aRegistration());
      registry.renew('ORDERS', 'one');
      const step = (milliseconds: number) => {
        for (let passed = 0; passed < milliseconds; passed += 5_000) {
          clock.advance(5_000);
          for (let other = 0; other < 20; other += 1) registry.renew('ORDERS', `other${other}`);
          if (!strict || passed % 60_000 === 0) registry.evict();
        }
      };
      step(lives);
      expect(status(), 'while the lease lasts').to.equal('UP');
      step(65_000);
      expect(status(), 'after it').to.equal(undefined);
      expect(registry.size).to.equal(20);
    }
  });

  it('lets one go that came after the minute began', () => {
    const { clock, registry } = aRegistry();
    registry.evict();
    registry.register(aRegistration({ leaseDuration: 1 }));
    clock.advance(5_000);
    expect(registry.evict()).to.equal(1);
  });

  it('does not let a flood of names hold up the eviction of others, nor stay', () => {
    const { clock, registry, status } = aRegistry();
    const beat = () => {
      for (let client = 0; client < 20; client += 1) registry.renew('ORDERS', `other${client}`);
    };
    for (let client = 0; client < 20; client += 1) registry.register(aRegistration({ id: `other${client}` }));
    registry.register(aRegistration());
    registry.renew('ORDERS', 'one');
    beat();
    for (let name = 0; name < 70; name += 1) registry.register(aRegistration({ app: `FLOOD${name}` }));
    for (let passed = 0; passed < 100_000; passed += 5_000) {
      clock.advance(5_000);
      beat();
      registry.evict();
    }
    expect([registry.size, status()]).to.deep.equal([20, undefined]);
  });

  it('evicts nobody when the heartbeats of many are missing', () => {
    const { clock, registry } = aRegistry();
    for (let client = 0; client < 20; client += 1) {
      registry.register(aRegistration({ id: `other${client}` }));
      registry.renew('ORDERS', `other${client}`);
    }
    for (let passed = 0; passed < 600_000; passed += 5_000) {
      clock.advance(5_000);
      registry.evict();
    }
    expect(registry.size).to.equal(20);
  });

  it('grants everybody the time for which it stood still itself', () => {
    const { clock, registry } = aRegistry();
    registry.register(aRegistration());
    registry.evict();
    clock.advance(3_600_000);
    expect(registry.evict()).to.equal(0);
    clock.advance(5_000);
    expect(registry.evict()).to.equal(1);
  });

  it('lists what changed in the last three minutes, each once and as it is now', () => {
    const { clock, registry } = aRegistry();
    registry.register(aRegistration());
    registry.register(aRegistration({ id: 'two' }));
    registry.override('ORDERS', 'one', 'DOWN');
    const recent = () => registry.recentChanges().map(({ instance }) => `${instance.id} ${instance.actionType}`);
    expect(recent()).to.deep.equal(['two ADDED', 'one MODIFIED']);
    clock.advance(180_000);
    expect(recent()).to.have.length(2);
    clock.advance(1);
    registry.cancel('ORDERS', 'two');
    expect(recent()).to.deep.equal(['two DELETED']);
  });

  it('takes no more than it has room for, and loses nothing that it has', () => {
    const { registry } = aRegistry({ capacity: { instances: 2, bytes: 2_000, each: 1_000 } });
    expect(registry.register(aRegistration())).to.equal('taken');
    expect(registry.register(aRegistration({ id: 'large', metadata: { a: 'x'.repeat(1_000) } }))).to.equal('too-large');
    expect(registry.register(aRegistration({ id: 'two' }))).to.equal('taken');
    expect(registry.register(aRegistration({ id: 'three' }))).to.equal('full');
    expect(registry.register(aRegistration({ lastDirtyTimestamp: 2 })), 'the same again').to.equal('taken');
    expect(registry.addMetadata('ORDERS', 'one', { a: 'x'.repeat(600) })).to.equal('full');
    expect(registry.leases().map(({ instance }) => [instance.id, instance.metadata])).to.deep.equal([
      ['one', {}],
      ['two', {}],
    ]);
    registry.cancel('ORDERS', 'two');
    expect(registry.register(aRegistration({ id: 'three' }))).to.equal('taken');
  });
});
