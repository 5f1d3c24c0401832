import { expect } from 'chai';
import fc from 'fast-check';
import { RetryBudget } from '../../../core/upstream/retry-budget.ts';

describe('the retry budget', () => {
  it('grants three to a service that is hardly called', () => {
    const budget = new RetryBudget(0.2);
    budget.deposit(0);
    expect([1, 2, 3, 4].map(() => budget.withdraw(1))).to.deep.equal([true, true, true, false]);
  });

  it('grants its share of the requests, and no more however all of them fail', () => {
    const budget = new RetryBudget(0.2);
    let retries = 0;
    for (let count = 0; count < 1000; count += 1) {
      budget.deposit(count);
      if (budget.withdraw(count)) retries += 1;
    }
    expect(retries).to.be.within(190, 200);
  });

  it('grants many at once where many were in flight: those of an endpoint that died', () => {
    const budget = new RetryBudget(0.2);
    for (let count = 0; count < 300; count += 1) budget.deposit(count);
    expect(Array.from({ length: 60 }, () => budget.withdraw(300))).to.not.include(false);
    expect(budget.withdraw(300)).to.equal(false);
  });

  it('forgets requests and retries after ten seconds', () => {
    const budget = new RetryBudget(0.2);
    for (let count = 0; count < 100; count += 1) budget.deposit(0);
    for (let count = 0; count < 20; count += 1) budget.withdraw(0);
    expect(budget.balance(5_000)).to.equal(0);
    expect(budget.balance(10_000)).to.equal(3);
  });

  it('never grants more within ten seconds than its share or three, whatever comes', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.array(fc.record({ after: fc.nat(2_000), retries: fc.boolean() }), { maxLength: 200 }),
        (share, steps) => {
          const budget = new RetryBudget(share);
          const requests: number[] = [];
          const granted: number[] = [];
          let now = 0;
          for (const { after, retries } of steps) {
            now += after;
            if (!retries) {
              budget.deposit(now);
              requests.push(now);
            } else if (budget.withdraw(now)) {
              granted.push(now);
              // The plain model: everything that came in the bucket of now and the nine before it.
              const from = (Math.floor(now / 1000) - 9) * 1000;
              const recent = (times: number[]) => times.filter((time) => time >= from).length;
              expect(recent(granted)).to.be.at.most(Math.max(3, share * recent(requests)));
            }
          }
        },
      ),
    );
  });
});
