import { expect } from 'chai';
import { uncounted } from '../../../core/holds.ts';
import { forward } from '../../../core/middleware/forward.ts';
import { Problem } from '../../../core/problem.ts';
import type { Service } from '../../../core/upstream/service.ts';
import { testClock } from '../../support/clock.ts';
import { aResponse } from '../upstream/an-exchange.ts';
import { aContext } from './a-context.ts';

describe('forward', () => {
  const rig = (call: Service['call']) => {
    const done: string[] = [];
    const service = {
      name: 'orders',
      config: { host: 'endpoint' },
      affinity: { hashKey: () => undefined, stuckTo: () => undefined },
      statistics: { count: (event: string) => void done.push(event) },
      call,
    };
    const body = { replayable: false, release: () => void done.push('released') };
    const ctx = aContext({
      state: {
        route: { config: {} },
        principal: { kind: 'anonymous' },
        client: { host: 'a', scheme: 'http', trusted: false, address: '192.0.2.1' },
        outgoing: { service, method: 'PUT', path: '/a', query: '', headers: [], body },
      },
    });
    Object.assign(ctx.res, { on() {} });
    const step = forward({
      name: 'public-gateway',
      edge: true,
      services: new Map(),
      limits: { body: 1, requestTimeout: 1 },
      clock: testClock(),
      random: Math.random,
      holds: uncounted,
    });
    return { done, answer: () => step(ctx, () => Promise.reject(new Error('there is no step below'))) };
  };

  it('gives back what the service answers, and by then lets the upload go, of which nothing more is read', async () => {
    const response = aResponse(413);
    const { done, answer } = rig(async () => response);
    expect(await answer()).to.equal(response);
    expect(done).to.deep.equal(['released']);
  });

  it('and so where the service fails, which is counted: whether at once or later', async () => {
    const problem = new Problem('connection-refused');
    const failing: readonly Service['call'][] = [
      () => Promise.reject(problem),
      () => {
        throw problem;
      },
    ];
    for (const call of failing) {
      const { done, answer } = rig(call);
      expect(await answer().catch((error: unknown) => error)).to.equal(problem);
      expect(done).to.deep.equal(['released', 'exceptionThrown', 'fallbackMissing']);
    }
  });

  it('counts no failure where it was the client that left', async () => {
    const { done, answer } = rig(() => Promise.reject(new Problem('client-closed')));
    await answer().catch(() => {});
    expect(done).to.deep.equal(['released']);
  });
});
