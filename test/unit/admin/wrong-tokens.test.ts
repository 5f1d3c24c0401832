import { expect } from 'chai';
import type { Context } from 'koa';
import { guard } from '../../../core/admin/guard.ts';
import { AdminProblem } from '../../../core/admin/problem.ts';

const TOKEN = 'the right one';

describe('wrong tokens', () => {
  const asking = (authorization: string) => {
    const headers: Record<string, string> = { authorization, host: 'localhost' };
    return { method: 'POST', path: '/reload', get: (name: string) => headers[name] ?? '' } as unknown as Context;
  };
  const admitted = async () => 'admitted';
  const outcome = (answer: Promise<unknown>) => answer.catch((error) => (error instanceof AdminProblem ? error.code : error));

  it('wait, and hold up nobody who has the right one; of too many at once some are turned away', async () => {
    const waiting = Promise.withResolvers<void>();
    const middleware = guard({ host: '127.0.0.1', token: () => TOKEN.replaceAll(' ', '-'), delay: () => waiting.promise });
    const wrong = Array.from({ length: 40 }, (_, n) => outcome(middleware(asking(`Bearer guess-${n}`), admitted)));
    expect(await Promise.all(wrong.slice(32))).to.deep.equal(Array(8).fill('rate-limited'));
    expect(await middleware(asking('Bearer the-right-one'), admitted)).to.equal('admitted');
    expect(await outcome(middleware(asking(''), admitted))).to.equal('unauthenticated');
    waiting.resolve();
    expect(await Promise.all(wrong.slice(0, 32))).to.deep.equal(Array(32).fill('unauthenticated'));
    expect(await outcome(middleware(asking('Bearer once-more'), admitted))).to.equal('unauthenticated');
  });
});
