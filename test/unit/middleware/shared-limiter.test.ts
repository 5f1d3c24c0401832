import { expect } from 'chai';
import type { Redis } from 'ioredis';
import { sharedLimiter } from '../../../core/middleware/shared-limiter.ts';

describe('a limiter that instances share', () => {
  const rate = { limit: 2, windowMs: 60_000 };

  /** @param answer of the script to the key, of each in turn */
  function rig(answer: (key: string) => unknown) {
    const failures: unknown[] = [];
    const asked: string[] = [];
    const client = {
      defineCommand() {},
      rlflxIncr: async ([key = '']: string[]) => {
        asked.push(key);
        return answer(key);
      },
    } as unknown as Redis;
    const state = {
      client,
      prefix: 'postern:a-gateway',
      reachable: true,
      ask: <T>(command: Promise<T>) => command,
      failed(error: unknown) {
        failures.push(error);
        state.reachable = false;
      },
    };
    return { state, failures, asked, limiter: sharedLimiter(state, 'route:orders', rate) };
  }

  it('counts under names of one length, whatever users are called', async () => {
    const { limiter, asked } = rig(() => [1, 60_000]);
    for (const key of ['user:ada', `user:${'x'.repeat(100_000)}`, 'user:a\r\nFLUSHALL', 'address:::1']) await limiter.consume(key);
    for (const key of asked) expect(key).to.match(/^postern:a-gateway:route:orders:2:60000:[\w-]{43}$/);
    expect(new Set(asked).size).to.equal(4);
  });

  it('gives what the others have counted too, the quota being spent is no failure', async () => {
    const { limiter, failures } = rig(() => [7, 1234]);
    expect(await limiter.consume('user:ada')).to.include({ consumedPoints: 7, remainingPoints: 0, msBeforeNext: 1234 });
    expect(failures).to.deep.equal([]);
  });

  for (const [what, answer] of [
    ['fails', () => Promise.reject(new Error('OOM'))],
    ['gives no count', () => ['one', 'minute']],
    ['gives no time', () => [1, null]],
    ['gives nothing', () => null],
  ] as const) {
    it(`counts for itself when the server ${what}, the request at hand too, and says so once`, async () => {
      const { limiter, failures, asked } = rig(answer);
      expect(await limiter.consume('user:ada')).to.include({ consumedPoints: 1 });
      expect(await limiter.consume('user:ada')).to.include({ consumedPoints: 2 });
      const third = await limiter.consume('user:ada').catch((spent: unknown) => spent);
      expect(third).to.include({ consumedPoints: 3 });
      expect(await limiter.get('user:ada')).to.include({ consumedPoints: 3 });
      expect([failures.length, asked.length]).to.deep.equal([1, 1]);
    });
  }
});
