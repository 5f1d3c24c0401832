import { expect } from 'chai';
import fc from 'fast-check';
import { Bulkhead, type Priority, type Waiting } from '../../../core/upstream/bulkhead.ts';
import { Reserve, ranks } from '../../../core/upstream/reserve.ts';
import { seeded } from '../balancer/seeded.ts';

const priorities: readonly Priority[] = ['critical', 'normal', 'background'];

const full = (limit: number, queue: number): Bulkhead => {
  const bulkhead = new Bulkhead(limit, queue, new Reserve());
  for (let place = 0; place < limit; place += 1) bulkhead.tryEnter('normal', 0);
  return bulkhead;
};

/** What became of each comer, once whatever is settled has been told. */
async function fates(comers: readonly Waiting[]): Promise<string[]> {
  const told = comers.map(() => 'waits');
  for (const [index, { admitted }] of comers.entries())
    admitted.then((place) => {
      told[index] = place ? 'in' : 'out';
    });
  await Promise.resolve();
  return told;
}

describe('Bulkhead', () => {
  it('gives as many places as the limit, and takes them back', () => {
    const bulkhead = full(3, 0);
    expect(bulkhead.tryEnter('normal', 0)).to.equal(false);
    expect(bulkhead.inFlight).to.equal(3);
    bulkhead.leave('normal', 0);
    expect(bulkhead.tryEnter('normal', 0)).to.equal(true);
    expect(bulkhead.limit).to.equal(3);
  });

  it('without a queue turns everybody away who finds no place', async () => {
    const bulkhead = full(1, 0);
    expect(await fates([bulkhead.wait('critical')])).to.deep.equal(['out']);
    expect(bulkhead.queued).to.equal(0);
  });

  it('admits the highest first, and the oldest of them', async () => {
    const bulkhead = full(1, 5);
    const comers = (['background', 'normal', 'critical', 'critical', 'normal'] as const).map((priority) => bulkhead.wait(priority));
    const seen: string[] = [];
    for (const [index, { admitted }] of comers.entries()) admitted.then(() => seen.push(String(index)));
    for (const leaves of ['normal', 'critical', 'critical', 'normal', 'normal'] as const) {
      bulkhead.leave(leaves, 0);
      await Promise.resolve();
      expect(bulkhead.inFlight).to.equal(1);
    }
    expect(seen).to.deep.equal(['2', '3', '1', '4', '0']);
    expect(bulkhead.queued).to.equal(0);
  });

  it('a full queue turns away its lowest, newest member for a higher comer, and else the comer', async () => {
    const bulkhead = full(1, 3);
    const comers = (['background', 'background', 'normal'] as const).map((priority) => bulkhead.wait(priority));
    comers.push(bulkhead.wait('background'));
    expect(await fates(comers)).to.deep.equal(['waits', 'waits', 'waits', 'out']);
    comers.push(bulkhead.wait('normal'));
    expect(await fates(comers)).to.deep.equal(['waits', 'out', 'waits', 'out', 'waits']);
    comers.push(bulkhead.wait('critical'), bulkhead.wait('critical'));
    expect(await fates(comers)).to.deep.equal(['out', 'out', 'waits', 'out', 'out', 'waits', 'waits']);
    comers.push(bulkhead.wait('critical'), bulkhead.wait('critical'));
    expect(await fates(comers)).to.deep.equal(['out', 'out', 'out', 'out', 'out', 'waits', 'waits', 'waits', 'out']);
    expect(bulkhead.queued).to.equal(3);
  });

  it('whoever leaves the queue gets no place, and one who has it keeps it', async () => {
    const bulkhead = full(1, 2);
    const [first, second] = [bulkhead.wait('normal'), bulkhead.wait('normal')];
    first.leave();
    first.leave();
    expect(bulkhead.queued).to.equal(1);
    bulkhead.leave('normal', 0);
    second.leave();
    expect(await fates([first, second])).to.deep.equal(['out', 'in']);
    expect(bulkhead.inFlight).to.equal(1);
  });

  it('nobody overtakes one of the same class or a higher one who waits', () => {
    let limit = 1;
    const bulkhead = new Bulkhead({ current: () => limit }, 4, new Reserve());
    bulkhead.tryEnter('normal', 0);
    for (const _ of [1, 2]) bulkhead.wait('normal');
    limit = 2;
    expect(bulkhead.tryEnter('normal', 0)).to.equal(false);
    expect([bulkhead.inFlight, bulkhead.queued]).to.deep.equal([2, 1]);
  });

  it('a limit that shrinks throws nobody out and lets nobody in', () => {
    let limit = 4;
    const bulkhead = new Bulkhead({ current: () => limit }, 1, new Reserve());
    for (let place = 0; place < 4; place += 1) bulkhead.tryEnter('normal', 0);
    bulkhead.wait('critical');
    limit = 2;
    bulkhead.leave('normal', 0);
    bulkhead.leave('normal', 0);
    expect([bulkhead.inFlight, bulkhead.queued]).to.deep.equal([2, 1]);
    bulkhead.leave('normal', 0);
    expect([bulkhead.inFlight, bulkhead.queued]).to.deep.equal([2, 0]);
  });

  it('keeps places free for a higher class that was seen, unless it can wait', () => {
    for (const [queue, admitted] of [
      [0, 7],
      [2, 9],
      [5, 10],
    ] as const) {
      const bulkhead = new Bulkhead(10, queue, new Reserve());
      for (let place = 0; place < 3; place += 1) bulkhead.tryEnter('critical', 0);
      for (let place = 0; place < 3; place += 1) bulkhead.leave('critical', 1);
      let entered = 0;
      while (bulkhead.tryEnter('normal', 2)) entered += 1;
      expect(entered).to.equal(admitted);
      if (queue === 0) expect(bulkhead.tryEnter('critical', 3)).to.equal(true);
    }
  });

  it('decides as the plain model does', async () => {
    const operation = fc.record({
      what: fc.constantFrom('come', 'come', 'leave', 'abandon', 'limit'),
      which: fc.nat(1000),
      after: fc.nat(2000),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { maxLength: 80 }), fc.nat(4), async (operations, capacity) => {
        let limit = 3;
        let now = 0;
        const bulkhead = new Bulkhead({ current: () => limit }, capacity, new Reserve());
        const reserve = new Reserve();
        let queue: { comer: number; priority: Priority }[] = [];
        let inside: { comer: number; priority: Priority }[] = [];
        const expected: string[] = [];
        const comers: (Waiting | undefined)[] = [];
        const rank = ({ priority }: { priority: Priority }) => ranks[priority];
        const fits = (one: number) => inside.length + Math.max(0, reserve.places(one, limit) - capacity) < limit;
        const enter = (one: { comer: number; priority: Priority }) => {
          inside.push(one);
          reserve.entered(rank(one));
          expected[one.comer] = 'in';
        };
        const admit = () => {
          for (;;) {
            const [first] = queue.toSorted((a, b) => rank(a) - rank(b) || a.comer - b.comer);
            if (!first || !fits(rank(first))) return;
            queue = queue.filter((one) => one !== first);
            enter(first);
          }
        };
        for (const { what, which, after } of operations) {
          now += after;
          if (what === 'limit') limit = 1 + (which % 6);
          if (what === 'come') {
            const one = { comer: comers.length, priority: priorities[which % 3] ?? 'normal' };
            reserve.came(rank(one), now);
            admit();
            const entered = bulkhead.tryEnter(one.priority, now);
            if (fits(rank(one)) && !queue.some((other) => rank(other) <= rank(one))) enter(one);
            else {
              const [worst] = [...queue, one].toSorted((a, b) => rank(b) - rank(a) || b.comer - a.comer);
              queue.push(one);
              expected[one.comer] = 'waits';
              if (queue.length > capacity && worst) {
                queue = queue.filter((other) => other !== worst);
                expected[worst.comer] = 'out';
              }
            }
            expect(entered).to.equal(expected[one.comer] === 'in');
            comers.push(entered ? undefined : bulkhead.wait(one.priority));
          }
          const leaver = inside[which % Math.max(1, inside.length)];
          if (what === 'leave' && leaver) {
            inside = inside.filter((one) => one !== leaver);
            reserve.left(rank(leaver), now);
            admit();
            bulkhead.leave(leaver.priority, now);
          }
          const quitter = queue[which % Math.max(1, queue.length)];
          if (what === 'abandon' && quitter) {
            queue = queue.filter((one) => one !== quitter);
            expected[quitter.comer] = 'out';
            comers[quitter.comer]?.leave();
          }
          expect([bulkhead.inFlight, bulkhead.queued]).to.deep.equal([inside.length, queue.length]);
        }
        const waited = comers.flatMap((comer, index) => (comer ? [{ comer, index }] : []));
        expect(await fates(waited.map(({ comer }) => comer))).to.deep.equal(waited.map(({ index }) => expected[index]));
      }),
    );
  });

  describe('at twice the capacity', () => {
    const mixed = { critical: 0.2, normal: 0.6, background: 0.2 };

    it('serves the critical and wastes little, without a queue', () => {
      for (const limit of [100, 200]) {
        const { served, goodput } = overload({ limit, queue: 0, burst: 1, shares: mixed });
        expect(served.critical).to.be.at.least(0.99);
        expect(served.normal).to.be.greaterThan(served.background);
        expect(goodput).to.be.at.least(0.8);
      }
    });

    it('serves those that come in bursts', () => {
      const { served, goodput } = overload({ limit: 200, queue: 0, burst: 6, shares: mixed });
      expect(served.critical).to.be.at.least(0.99);
      expect(goodput).to.be.at.least(0.75);
    });

    it('with few places serves the critical too; a queue of half as many spares their reserve', () => {
      const { served } = overload({ limit: 10, queue: 0, burst: 1, shares: mixed });
      expect(served.critical).to.be.at.least(0.98);
      const queued = overload({ limit: 10, queue: 5, burst: 1, shares: mixed });
      expect(queued.served.critical).to.be.at.least(0.99);
      expect(queued.goodput).to.be.at.least(0.95);
    });

    it('uses every place when all are of one class', () => {
      const { goodput } = overload({ limit: 10, queue: 0, burst: 1, shares: { critical: 0, normal: 1, background: 0 } });
      expect(goodput).to.be.at.least(0.9);
    });
  });
});

interface Overload {
  limit: number;
  queue: number;
  /** How many come at once. */
  burst: number;
  shares: Readonly<Record<Priority, number>>;
}

/** A minute of virtual time: twice as many come as can be served, each takes 50 ms on average, exponentially distributed. */
function overload({ limit, queue, burst, shares }: Overload): { served: Record<Priority, number>; goodput: number } {
  const [duration, mean] = [60_000, 50];
  const chance = seeded(11);
  const exponential = (average: number) => -average * Math.log(1 - chance());
  const bulkhead = new Bulkhead(limit, queue, new Reserve());
  const offered = { critical: 0, normal: 0, background: 0 };
  const served = { critical: 0, normal: 0, background: 0 };
  const inside: Priority[] = [];
  const queued: Record<Priority, number> = { critical: 0, normal: 0, background: 0 };
  const enter = (priority: Priority) => {
    served[priority] += 1;
    inside.push(priority);
  };
  let now = 0;
  let comes = 0;
  while (now < duration) {
    // Service times have no memory: the next to end is any of those under way.
    const ends = inside.length === 0 ? Number.POSITIVE_INFINITY : now + exponential(mean / inside.length);
    if (ends < comes) {
      now = ends;
      const at = Math.floor(chance() * inside.length);
      const priority = inside[at] ?? 'normal';
      const last = inside.pop() ?? 'normal';
      if (at < inside.length) inside[at] = last;
      const before = bulkhead.queued;
      bulkhead.leave(priority, now);
      for (let admitted = before - bulkhead.queued; admitted > 0; admitted -= 1) {
        const first = priorities.find((one) => queued[one] > 0) ?? 'normal';
        queued[first] -= 1;
        enter(first);
      }
      continue;
    }
    now = comes;
    comes += exponential((mean * burst) / (2 * limit));
    const mark = chance();
    const priority = mark < shares.critical ? 'critical' : mark < shares.critical + shares.normal ? 'normal' : 'background';
    for (let one = 0; one < burst; one += 1) {
      offered[priority] += 1;
      if (bulkhead.tryEnter(priority, now)) {
        enter(priority);
        continue;
      }
      const before = bulkhead.queued;
      bulkhead.wait(priority);
      const displaced = priorities.findLast((lower) => queued[lower] > 0 && ranks[lower] > ranks[priority]);
      if (bulkhead.queued > before) queued[priority] += 1;
      else if (displaced) {
        queued[displaced] -= 1;
        queued[priority] += 1;
      }
    }
  }
  const total = served.critical + served.normal + served.background;
  const share = (priority: Priority) => (offered[priority] === 0 ? 0 : served[priority] / offered[priority]);
  return {
    served: { critical: share('critical'), normal: share('normal'), background: share('background') },
    goodput: (total * mean) / (duration * limit),
  };
}
