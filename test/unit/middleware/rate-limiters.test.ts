import { expect } from 'chai';
import { rateLimiters } from '../../../core/middleware/rate-limiters.ts';
import { testClock } from '../../support/clock.ts';

describe('the limiters of pipelines', () => {
  const policy = (limit = 5, name = 'default') => ({ policy: name, owner: 'gateway', rate: { limit, windowMs: 60_000 } }) as const;
  const rig = () => {
    const clock = testClock();
    return { clock, next: rateLimiters(clock) };
  };

  it('are the same for the same policy, whatever pipeline it is in', () => {
    const { next } = rig();
    const [one, other] = [next(), next()];
    const given = policy();
    expect(one.of(given)).to.equal(one.of(given)).and.equal(other.of(policy()));
    expect(other.of(policy(6))).to.not.equal(one.of(given));
    expect(other.of(policy(5, 'orders'))).to.not.equal(one.of(given));
  });

  it('are not made for who only looks, nor kept', () => {
    const { clock, next } = rig();
    const one = next();
    expect(one.peek(policy())).to.equal(undefined);
    const limiter = one.of(policy());
    const other = next();
    expect([one.peek(policy()), other.peek(policy())]).to.deep.equal([limiter, limiter]);
    one.close();
    clock.advance(60_000);
    other.peek(policy());
    expect(next().peek(policy())).to.equal(undefined);
  });

  it('are made for who only looks where others count too, and not kept', () => {
    const made: string[] = [];
    const next = rateLimiters(testClock(), (name) => {
      made.push(name);
      return { consume: () => Promise.reject(new Error('counted')), get: async () => null };
    });
    const one = next();
    expect(one.peek(policy())).to.not.equal(one.peek(policy()));
    const limiter = one.of(policy());
    expect([one.peek(policy()), next().peek(policy())]).to.deep.equal([limiter, limiter]);
    expect(made).to.deep.equal(['gateway:default', 'gateway:default', 'gateway:default']);
  });

  it('stay while anything is counted there, though no pipeline has asked for them', () => {
    const { clock, next } = rig();
    const one = next();
    const limiter = one.of(policy());
    const other = next();
    one.close();
    other.close();
    clock.advance(59_999);
    expect(next().of(policy())).to.equal(limiter);
  });

  it('go when nothing is', () => {
    const { clock, next } = rig();
    const one = next();
    const limiter = one.of(policy());
    one.close();
    clock.advance(60_000);
    expect(next().of(policy())).to.not.equal(limiter);
  });

  it('stay as long as a pipeline has them, however long that is', () => {
    const { clock, next } = rig();
    const limiter = next().of(policy());
    clock.advance(3_600_000);
    expect(next().of(policy())).to.equal(limiter);
  });
});
