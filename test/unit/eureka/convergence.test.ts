/** Two registries that tell one another, over a network that loses requests and answers: in the end both say the same. */
import { expect } from 'chai';
import fc from 'fast-check';
import { heartbeat, register } from '../../../core/eureka/operations.ts';
import { Peer } from '../../../core/eureka/peer.ts';
import { type Action, PeerQueue } from '../../../core/eureka/peer-queue.ts';
import type { Outcome } from '../../../core/eureka/peer-wire.ts';
import { answerTo } from '../../../core/eureka/replication.ts';
import { type InstanceStatus, statuses } from '../../../core/registry/instance.ts';
import { Registry } from '../../../core/registry/registry.ts';
import type { Logger } from '../../../core/telemetry/logger.ts';
import { testClock } from '../../support/clock.ts';
import { aRegistration } from '../registry/a-registration.ts';

const APP = 'ORDERS';

/** What becomes of one request. */
type Fate = 'arrives' | 'is lost' | 'arrives, but its answer is lost' | 'finds it busy';
const fate = fc.oneof(
  { weight: 6, arbitrary: fc.constant<Fate>('arrives') },
  { weight: 1, arbitrary: fc.constantFrom<Fate>('is lost', 'arrives, but its answer is lost', 'finds it busy') },
);

const id = fc.constantFrom('one', 'two', 'three');
const status = fc.constantFrom(...statuses);
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ op: fc.constant('register' as const), id, status, changed: fc.boolean() }) },
  { weight: 4, arbitrary: fc.record({ op: fc.constant('beat' as const), id }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('cancel' as const), id }) },
  // An override to UNKNOWN says of an instance what is said of one without any.
  { weight: 2, arbitrary: fc.record({ op: fc.constant('override' as const), id, status: status.filter((each) => each !== 'UNKNOWN') }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('removeOverride' as const), id, status }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('metadata' as const), id }) },
  { weight: 3, arbitrary: fc.record({ op: fc.constant('send' as const) }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('move' as const) }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

class Node {
  readonly clock = testClock();
  readonly registry = new Registry({ clock: this.clock, random: () => 0, strict: false });
  peer: Peer | undefined;

  /** Makes the other one its peer. */
  tells(other: Node, next: () => Fate): void {
    const send = async (items: readonly string[]): Promise<Outcome> => {
      const happened = next();
      if (happened === 'is lost') return { kind: 'unreachable', why: happened };
      if (happened === 'finds it busy') return { kind: 'congested', why: happened };
      const answers = items.map((item) => JSON.parse(JSON.stringify(answerTo(JSON.parse(item), { ...other, onCancel() {} }))));
      return happened === 'arrives' ? { kind: 'answered', answers } : { kind: 'unreachable', why: happened };
    };
    const logger = { info() {}, warn() {}, error: (record: { err: unknown }) => Promise.reject(record.err) } as unknown as Logger;
    const { registry, clock } = this;
    this.peer = new Peer({ url: 'http://peer', wire: { send, close() {} }, queue: new PeerQueue(), registry, clock, logger });
  }

  /** Until its peer was told everything. */
  async send(): Promise<void> {
    while (this.peer && this.peer.state.queued > 0) await this.peer.flush();
  }

  /** Does what an instance or an operator asks of it, as the REST API does. @param dirty when each instance changed last, by itself */
  take(given: Exclude<Step, { op: 'send' | 'move' }>, dirty: Map<string, number>, turn: number): void {
    const { registry } = this;
    const { id: name } = given;
    switch (given.op) {
      case 'register':
        if (given.changed || !dirty.has(name)) dirty.set(name, turn + 1);
        register(registry, APP, aRegistration({ id: name, status: given.status, lastDirtyTimestamp: dirty.get(name) ?? 0 }), false);
        this.#tell('Register', name);
        return;
      case 'beat': {
        const beat = { lastDirtyTimestamp: dirty.get(name), overriddenStatus: undefined, replication: false };
        if (heartbeat(registry, APP, name, beat).status === 200) this.#tell('Heartbeat', name);
        return;
      }
      case 'cancel': {
        const lastDirtyTimestamp = registry.find(APP, name)?.instance.lastDirtyTimestamp;
        if (lastDirtyTimestamp === undefined) return;
        registry.cancel(APP, name);
        this.peer?.tell({ action: 'Cancel', app: APP, id: name, lastDirtyTimestamp });
        return;
      }
      case 'override':
        registry.override(APP, name, given.status);
        if (registry.find(APP, name)?.override === given.status) this.#tell('StatusUpdate', name, given.status);
        return;
      case 'removeOverride':
        if (registry.removeOverride(APP, name, given.status)) this.#tell('DeleteStatusOverride', name);
        return;
      case 'metadata':
        if (registry.addMetadata(APP, name, { turn: String(turn) }) === 'taken') this.#tell('Register', name);
    }
  }

  shown(): object {
    return Object.fromEntries(
      this.registry
        .leases()
        .map(({ override, instance: { id: name, status: now, overriddenStatus, lastDirtyTimestamp, metadata } }) => [
          name,
          { override, status: now, overriddenStatus, lastDirtyTimestamp, metadata },
        ]),
    );
  }

  #tell(action: Action, name: string, told?: InstanceStatus): void {
    this.peer?.tell({ action, app: APP, id: name, ...(told === undefined ? {} : { status: told }) });
  }
}

describe('two registries that are peers', () => {
  it('lose nobody who turned from the one to the other while they did not reach each other', async () => {
    const [here, there] = [new Node(), new Node()];
    let reached = true;
    here.tells(there, () => (reached ? 'arrives' : 'is lost'));
    const dirty = new Map<string, number>();
    here.take({ op: 'register', id: 'one', status: 'UP', changed: true }, dirty, 1);
    await here.send();
    reached = false;
    here.take({ op: 'cancel', id: 'one' }, dirty, 2);
    there.take({ op: 'register', id: 'one', status: 'UP', changed: true }, dirty, 3);
    here.clock.advance(3_600_000);
    reached = true;
    await here.send();
    expect(there.shown()).to.have.keys('one');
    expect(here.shown()).to.deep.equal(there.shown());
  });

  it('say the same in the end, whatever happened at either', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), fc.infiniteStream(fate), async (steps, fates) => {
        let [here, there] = [new Node(), new Node()];
        const next = (): Fate => fates.next().value ?? 'arrives';
        here.tells(there, next);
        there.tells(here, next);
        const dirty = new Map<string, number>();
        const settle = async () => {
          await here.send();
          await there.send();
        };
        for (const [turn, given] of steps.entries()) {
          if (given.op === 'send') await here.send();
          else if (given.op === 'move') {
            // An instance turns to another registry when its own is gone, which is when the other one was told.
            await settle();
            [here, there] = [there, here];
          } else here.take(given, dirty, turn);
        }
        await settle();
        expect(there.shown()).to.deep.equal(here.shown());
        expect(there.registry.hashCode).to.equal(here.registry.hashCode);
      }),
      { numRuns: 1000 },
    );
  });
});
