/** The registry beside the plainest one that could be: any history leads both to the same state. */
import { expect } from 'chai';
import fc from 'fast-check';
import { HashCode } from '../../../core/registry/hash-code.ts';
import { type InstanceStatus, statuses } from '../../../core/registry/instance.ts';
import { Registry } from '../../../core/registry/registry.ts';
import { type TestClock, testClock } from '../../support/clock.ts';
import { aRegistration } from './a-registration.ts';

interface Entry {
  status: InstanceStatus;
  override: InstanceStatus | undefined;
  dirty: number;
  expiry: number;
  /** A heartbeat came. */
  proven: boolean;
}

interface World {
  readonly clock: TestClock;
  readonly registry: Registry;
  readonly model: Map<string, Entry>;
  renewals: number[];
  lastEviction: number | undefined;
  period: { since: number; gone: number };
}

const LEASE = 90_000;
const id = fc.integer({ min: 0, max: 13 }).map((number) => `i${number}`);
const status = fc.constantFrom(...statuses);

/** First match wins, in the words of the reference. */
function rule(claimed: InstanceStatus, override: InstanceStatus | undefined, existing: InstanceStatus | undefined): InstanceStatus {
  if (claimed === 'DOWN' || claimed === 'STARTING' || claimed === 'UNKNOWN') return claimed;
  return override ?? (existing === 'UP' || existing === 'OUT_OF_SERVICE' ? existing : claimed);
}

const histories = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ op: fc.constant('register' as const), id, status, dirty: fc.nat(5) }) },
    { weight: 6, arbitrary: fc.record({ op: fc.constant('renew' as const), id }) },
    { weight: 1, arbitrary: fc.record({ op: fc.constant('renewAll' as const) }) },
    { weight: 1, arbitrary: fc.record({ op: fc.constant('cancel' as const), id }) },
    { weight: 1, arbitrary: fc.record({ op: fc.constant('override' as const), id, status }) },
    { weight: 1, arbitrary: fc.record({ op: fc.constant('removeOverride' as const), id, status }) },
    { weight: 3, arbitrary: fc.record({ op: fc.constant('evict' as const), after: fc.integer({ min: 0, max: 40_000 }) }) },
  ),
  { maxLength: 120, size: 'max' },
);
type Step = (typeof histories extends fc.Arbitrary<infer T> ? T : never)[number];

function take(world: World, step: Step): void {
  const { registry, model, clock } = world;
  const now = clock.now();
  if (step.op === 'evict') {
    evict(world, step.after);
    return;
  }
  if (step.op === 'renewAll') {
    for (const each of [...model.keys()]) renew(world, each);
    return;
  }
  const entry = model.get(step.id);
  switch (step.op) {
    case 'register': {
      registry.register(aRegistration({ id: step.id, status: step.status, lastDirtyTimestamp: step.dirty }));
      const older = entry !== undefined && entry.dirty > step.dirty;
      const claimed = older ? entry.status : step.status;
      model.set(step.id, {
        status: rule(claimed, entry?.override, entry?.status),
        override: entry?.override,
        dirty: older ? entry.dirty : step.dirty,
        expiry: now + LEASE,
        proven: entry?.proven === true,
      });
      return;
    }
    case 'renew':
      renew(world, step.id);
      return;
    case 'cancel':
      expect(registry.cancel('ORDERS', step.id)).to.equal(model.delete(step.id));
      return;
    case 'override':
      expect(registry.override('ORDERS', step.id, step.status)).to.equal(entry !== undefined);
      if (!entry) return;
      entry.expiry = now + LEASE;
      if (entry.status !== step.status) entry.override = entry.status = step.status;
      return;
    case 'removeOverride':
      expect(registry.removeOverride('ORDERS', step.id, step.status)).to.equal(entry !== undefined);
      if (!entry) return;
      entry.expiry = now + LEASE;
      if (entry.override === undefined) return;
      entry.override = undefined;
      entry.status = step.status;
  }
}

function renew({ registry, model, clock, renewals }: World, name: string): void {
  const entry = model.get(name);
  const result = entry && rule(entry.status, entry.override, entry.status);
  const accepted = result !== undefined && result !== 'UNKNOWN';
  expect(registry.renew('ORDERS', name), `renewal of ${name}`).to.equal(accepted);
  if (!entry || !accepted) return;
  entry.status = result;
  entry.expiry = clock.now() + LEASE;
  entry.proven = true;
  renewals.push(clock.now());
}

function evict(world: World, after: number): void {
  const { registry, model, clock } = world;
  clock.advance(after);
  const now = clock.now();
  const late = world.lastEviction === undefined ? 0 : Math.max(0, now - world.lastEviction - 5_000);
  world.lastEviction = now;
  if (now - world.period.since >= 60_000) world.period = { since: now, gone: 0 };
  const clients = [...model.values()].filter(({ proven }) => proven).length;
  const size = clients + world.period.gone;
  const limit = (size < 10 ? size : size - Math.trunc(size * 0.85)) - world.period.gone;
  // Buckets of two seconds: this one and the thirty before.
  const heard = world.renewals.filter((at) => Math.floor(at / 2_000) >= Math.floor(now / 2_000) - 30).length;
  const allowed = clients < 10 || heard > Math.trunc(clients * 2 * 0.85);
  const expired = [...model].filter(([, { expiry }]) => now > expiry + late).map(([name]) => name);
  const missed = expired.filter((name) => model.get(name)?.proven).length;
  const drawn = allowed ? Math.min(missed, Math.max(0, limit)) : 0;
  const count = drawn + expired.length - missed;
  expect(registry.evict(), 'evicted').to.equal(count);
  world.period.gone += drawn;
  const left = new Set(registry.instances('ORDERS').map((instance) => instance.id));
  const gone = [...model.keys()].filter((name) => !left.has(name));
  expect(gone).to.have.length(count);
  expect(expired).to.include.members(gone);
  for (const name of gone) model.delete(name);
}

describe('Registry, beside a plain model', () => {
  it('has the same instances, statuses and hash code after any history', () => {
    fc.assert(
      fc.property(histories, fc.infiniteStream(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })), (steps, chance) => {
        const clock = testClock();
        const registry = new Registry({ clock, random: () => chance.next().value ?? 0, strict: false });
        const seen = new Map<string, InstanceStatus>();
        registry.onChange(({ instance }) => {
          if (instance.actionType === 'DELETED') seen.delete(instance.id);
          else seen.set(instance.id, instance.status);
        });
        const world: World = {
          clock,
          registry,
          model: new Map(),
          renewals: [],
          lastEviction: undefined,
          period: { since: Number.NEGATIVE_INFINITY, gone: 0 },
        };
        for (const step of steps) {
          take(world, step);
          const has = Object.fromEntries(registry.leases().map(({ instance }) => [instance.id, instance.status]));
          const should = Object.fromEntries([...world.model].map(([name, entry]) => [name, entry.status]));
          expect(has).to.deep.equal(should);
          expect(Object.fromEntries(seen), 'who listens knows').to.deep.equal(should);
          expect(registry.size).to.equal(world.model.size);
          expect(registry.hashCode).to.equal(HashCode.of(world.model.values()));
        }
      }),
      { numRuns: 200 },
    );
  });
});
