import { expect } from 'chai';
import fc from 'fast-check';
import { type Action, PeerQueue, type QueueLimits, type Task, type Waiting } from '../../../core/eureka/peer-queue.ts';

const task = (action: Action, id = 'one', more: Partial<Task> = {}): Task => ({ action, app: 'ORDERS', id, ...more });
const names = (batch: readonly Waiting[]) => batch.map(({ task: { action, id } }) => `${action} ${id}`);

describe('PeerQueue', () => {
  it('gives a batch when the oldest task has waited for others, or when they are enough', () => {
    const queue = new PeerQueue({ tasks: 100, changes: 100, batch: 3, delay: 500, maxTime: 30_000 });
    expect(queue.dueIn(0)).to.equal(undefined);
    queue.add(task('Register'), 1_000);
    expect([queue.dueIn(1_000), queue.dueIn(1_400), queue.dueIn(2_000)]).to.deep.equal([500, 100, 0]);
    queue.add(task('Register', 'two'), 1_400);
    expect(queue.dueIn(1_400)).to.equal(100);
    for (const id of ['three', 'four']) queue.add(task('Register', id), 1_400);
    expect(queue.dueIn(1_400)).to.equal(0);
    expect(names(queue.take(1_400))).to.deep.equal(['Register one', 'Register two', 'Register three']);
    expect(queue.dueIn(1_400)).to.equal(500);
  });

  it('keeps the newest task of a kind, in its place among the others', () => {
    const queue = new PeerQueue();
    queue.add(task('StatusUpdate', 'one', { status: 'OUT_OF_SERVICE' }), 0);
    queue.add(task('DeleteStatusOverride'), 1);
    queue.add(task('StatusUpdate', 'one', { status: 'DOWN' }), 2);
    expect(queue.take(600).map((waiting) => [waiting.task.action, waiting.task.status])).to.deep.equal([
      ['DeleteStatusOverride', undefined],
      ['StatusUpdate', 'DOWN'],
    ]);
  });

  it('tells a peer of no instance that came and went, but that it went', () => {
    const queue = new PeerQueue();
    for (const action of ['Register', 'StatusUpdate', 'Heartbeat', 'Cancel'] as const) queue.add(task(action), 0);
    queue.add(task('Register', 'two'), 0);
    expect(names(queue.take(600))).to.deep.equal(['Cancel one', 'Register two']);
    queue.add(task('Cancel'), 0);
    queue.add(task('Register'), 0);
    expect(names(queue.take(600)), 'gone and here again').to.deep.equal(['Cancel one', 'Register one']);
    expect(queue.dropped).to.equal(0);
  });

  it('lets a heartbeat go when it is too late, and the oldest when there are too many', () => {
    const queue = new PeerQueue({ tasks: 2, changes: 100, batch: 250, delay: 500, maxTime: 30_000 });
    for (const [at, id] of ['one', 'two', 'three'].entries()) queue.add(task('Heartbeat', id), at * 10_000);
    expect([queue.size, queue.dropped]).to.deep.equal([2, 1]);
    expect(names(queue.take(40_000))).to.deep.equal(['Heartbeat three']);
    expect(queue.dropped).to.equal(2);
  });

  it('keeps what is said only once however late it is, and whatever heartbeats there are', () => {
    const queue = new PeerQueue({ tasks: 4, changes: 6, batch: 250, delay: 500, maxTime: 30_000 });
    for (const action of ['StatusUpdate', 'Cancel'] as const) queue.add(task(action, action), 0);
    for (let id = 0; id < 10; id += 1) queue.add(task('Heartbeat', `${id}`), 80_000);
    expect([queue.size, queue.dropped]).to.deep.equal([4, 8]);
    const taken = queue.take(90_000);
    expect(names(taken)).to.deep.equal(['StatusUpdate StatusUpdate', 'Cancel Cancel', 'Heartbeat 8', 'Heartbeat 9']);
    queue.giveBack(taken);
    for (let id = 0; id < 5; id += 1) queue.add(task('Register', `${id}`), 90_000);
    expect(names(queue.take(200_000)), 'there are bounds for them too').to.deep.equal([
      'Cancel Cancel',
      ...[0, 1, 2, 3, 4].map((id) => `Register ${id}`),
    ]);
  });

  it('takes back what could not be sent, unless it is needless by now', () => {
    const queue = new PeerQueue();
    for (const id of ['one', 'two', 'three']) queue.add(task('Heartbeat', id), 0);
    const taken = queue.take(600);
    queue.add(task('Heartbeat', 'two'), 700);
    queue.add(task('Cancel', 'three'), 700);
    queue.giveBack(taken);
    expect(queue.dueIn(700), 'they have waited already').to.equal(0);
    expect(names(queue.take(700))).to.deep.equal(['Heartbeat one', 'Heartbeat two', 'Cancel three']);
  });

  it('does what a plain list would, whatever comes', () => {
    const limits: QueueLimits = { tasks: 4, changes: 6, batch: 3, delay: 500, maxTime: 3_000 };
    const actions = ['Register', 'Heartbeat', 'Cancel', 'StatusUpdate', 'DeleteStatusOverride'] as const;
    const step = fc.oneof(
      fc.record({ op: fc.constant('add' as const), action: fc.constantFrom(...actions), id: fc.constantFrom('a', 'b', 'c') }),
      fc.record({ op: fc.constant('take' as const), fails: fc.boolean() }),
      fc.record({ op: fc.constant('wait' as const), time: fc.nat(1_000) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const queue = new PeerQueue(limits);
        let [now, dropped] = [0, 0];
        let list: Waiting[] = [];
        let underWay: Waiting[] = [];
        /** A later task and whether it makes an earlier one needless. */
        const needless = (earlier: Task, later: Task) =>
          earlier.id === later.id &&
          (earlier.action === later.action || later.action === 'Cancel' || (later.action === 'Register' && earlier.action === 'Heartbeat'));
        const tidy = () => {
          list = list.filter((earlier, at) => !list.slice(at + 1).some((later) => needless(earlier.task, later.task)));
          for (let beat = 0; list.length > limits.tasks && beat !== -1; ) {
            beat = list.findIndex((waiting) => waiting.task.action === 'Heartbeat');
            if (beat !== -1) dropped += list.splice(beat, 1).length;
          }
          dropped += list.splice(0, list.length - limits.changes).length;
        };
        for (const given of steps) {
          if (given.op === 'wait') now += given.time;
          if (given.op === 'add') {
            const added = { task: task(given.action, given.id), since: now };
            queue.add(added.task, now);
            list.push(added);
            tidy();
          }
          if (given.op === 'take') {
            if (given.fails) {
              queue.giveBack(underWay);
              list = [...underWay, ...list];
              tidy();
            }
            underWay = [];
            while (underWay.length < limits.batch && list[0]) {
              const next = list.shift() as Waiting;
              if (next.task.action !== 'Heartbeat' || now - next.since < limits.maxTime) underWay.push(next);
              else dropped += 1;
            }
            expect(queue.take(now)).to.deep.equal(underWay);
          }
          expect([queue.size, queue.dropped]).to.deep.equal([list.length, dropped]);
          const due = list[0] && (list.length >= limits.batch ? 0 : Math.max(0, list[0].since + limits.delay - now));
          expect(queue.dueIn(now)).to.equal(due);
        }
      }),
      { numRuns: 500 },
    );
  });
});
