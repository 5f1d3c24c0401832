import { expect } from 'chai';
import { uncounted } from '../../../core/holds.ts';
import { newExchange } from '../../../core/middleware/new-exchange.ts';
import type { Service } from '../../../core/upstream/service.ts';
import { testClock } from '../../support/clock.ts';
import { aContext } from './a-context.ts';

describe('a call to a service', () => {
  const service = {
    name: 'orders',
    config: { host: 'endpoint' },
    affinity: { hashKey: () => undefined, stuckTo: () => undefined },
  } as unknown as Service;
  const asked = { method: 'GET', path: '/a', query: '', headers: [], body: undefined };
  const options = {
    name: 'private-gateway',
    edge: false,
    services: new Map(),
    limits: { body: 1, requestTimeout: 1 },
    clock: testClock(),
    random: Math.random,
    holds: uncounted,
  };

  const made = (background: boolean) => {
    const state = {
      background,
      route: { config: { priority: 'critical' } },
      principal: { kind: 'anonymous' },
      client: { host: 'a', scheme: 'http', trusted: true, address: '192.0.2.1' },
    };
    const { interim, priority, timeLeft } = newExchange(
      aContext({ headers: { 'x-gateway-time-left': '5' }, state }),
      service,
      asked,
      options,
    );
    return { interim, priority, timeLeft };
  };

  it('is made for a client that waits', () => {
    expect(made(false)).to.deep.equal({ interim: true, priority: 'critical', timeLeft: 5 });
  });

  it('or by the gateway itself: it tells the client nothing, makes way for others, and has all its time', () => {
    expect(made(true)).to.deep.equal({ interim: false, priority: 'background', timeLeft: Number.POSITIVE_INFINITY });
  });
});
