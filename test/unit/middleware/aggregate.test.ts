import { EventEmitter } from 'node:events';
import { expect } from 'chai';
import { aggregate } from '../../../core/middleware/aggregate.ts';
import type { CallOptions } from '../../../core/middleware/new-exchange.ts';
import { asProblem } from '../../../core/problem.ts';
import type { Exchange } from '../../../core/upstream/exchange.ts';
import { UpstreamResponse } from '../../../core/upstream/response.ts';
import type { Service } from '../../../core/upstream/service.ts';
import { testClock } from '../../support/clock.ts';
import { aContext } from './a-context.ts';

describe('aggregate', () => {
  const stage = (
    respond: (res: EventEmitter & { destroyed: boolean }) => UpstreamResponse | Promise<UpstreamResponse>,
    destroyed = false,
  ) => {
    const exchanges: Exchange[] = [];
    const res = Object.assign(new EventEmitter(), { destroyed });
    const service = {
      name: 'users',
      config: {},
      affinity: { hashKey: () => undefined, stuckTo: () => undefined },
      statistics: { count: () => {} },
      call: async (exchange: Exchange) => {
        exchanges.push(exchange);
        return respond(res);
      },
    } as unknown as Service;
    const parts = { user: { service: 'users', path: '/users', required: false, limit: 1024, default: { name: 'nobody' } } };
    let released = 0;
    const ctx = aContext({
      state: {
        outgoing: { headers: [], query: '', body: { release: () => (released += 1) } },
        route: { config: { aggregate: { parts, merge: false } } },
        principal: { kind: 'anonymous' },
        client: { address: '192.0.2.1', host: '', scheme: 'http', trusted: true },
        params: {},
      },
    });
    Object.assign(ctx, { res });
    const options = { edge: false, services: new Map([['users', service]]), clock: testClock() } as unknown as CallOptions;
    const answered = () => aggregate(options)(ctx, () => expect.fail('it answers by itself'));
    const code = () =>
      answered().then(
        () => 'an answer',
        (error) => asProblem(error).code,
      );
    return { answered, code, exchanges, res, released: () => released };
  };
  const user = () => UpstreamResponse.whole(200, ['content-type', 'application/json'], Buffer.from('{"name":"Ann"}'));
  const bodyOf = async (response: UpstreamResponse) => String(await response.collect(1024));

  it('leaves nothing behind on a connection that many answers go over', async () => {
    const { answered, res, released } = stage(user);
    expect(await bodyOf(await answered())).to.equal('{"user":{"name":"Ann"}}');
    expect([res.listenerCount('close'), released()]).to.deep.equal([0, 1]);
  });

  it('asks nobody for a client that has left', async () => {
    const { code, exchanges } = stage(user, true);
    expect(await code()).to.equal('client-closed');
    expect(exchanges).to.have.length(0);
  });

  it('makes no answer of defaults for a client that has left meanwhile, and gives up its calls', async () => {
    const { code, exchanges, res } = stage((gone) => {
      gone.destroyed = true;
      gone.emit('close');
      return user();
    });
    expect(await code()).to.equal('client-closed');
    expect(exchanges.map(({ cancelled }) => cancelled?.code)).to.deep.equal(['client-closed']);
    expect(res.listenerCount('close')).to.equal(0);
  });

  it('is no step of a route that one service answers', () => {
    const next = Promise.resolve(user());
    const ctx = aContext({ state: { route: { config: { service: 'users' } } } });
    expect(aggregate({} as CallOptions)(ctx, () => next)).to.equal(next);
  });
});
