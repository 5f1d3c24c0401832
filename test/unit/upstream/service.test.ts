import { mock } from 'node:test';
import { ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { expect } from 'chai';
import { parseConfig } from '../../../core/config/load.ts';
import { Problem } from '../../../core/problem.ts';
import { staticSource } from '../../../core/registry/static.ts';
import type { Occurrence } from '../../../core/telemetry/figures.ts';
import type { Instruments } from '../../../core/telemetry/instruments.ts';
import type { Logger } from '../../../core/telemetry/logger.ts';
import type { Engine } from '../../../core/upstream/engine.ts';
import { cancel } from '../../../core/upstream/exchange.ts';
import { createService } from '../../../core/upstream/service.ts';
import { testClock } from '../../support/clock.ts';
import { anExchange } from './an-exchange.ts';

describe('a service', () => {
  const closing: (() => Promise<unknown>)[] = [];
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout'] }));
  afterEach(async () => {
    mock.timers.reset();
    for (const close of closing.splice(0)) await close();
  });

  const create = (send: Engine['send'], service: object = {}) => {
    const given = { routes: [], services: { orders: { endpoints: ['http://127.0.0.1:4001'], ...service } } };
    const config = parseConfig(JSON.stringify(given), { file: 'test.yaml', environment: {} }).config.services['orders'];
    if (!config) throw new Error('it has no service');
    const clock = testClock();
    const called: Occurrence[] = [];
    const nothing = () => {};
    const instrument = { add: nothing, record: nothing, drop: nothing };
    const instruments = new Proxy({ services: new Set() }, { get: (own, name) => Reflect.get(own, name) ?? instrument });
    const made = createService('orders', config, {
      engine: { send },
      sources: { of: () => staticSource(config.endpoints ?? []) },
      clock,
      random: () => 1,
      tracer: trace.getTracer('nothing'),
      instruments: instruments as unknown as Instruments,
      recorder: { attempt: nothing, call: (_service, _from, occurrence) => void called.push(occurrence) },
      logger: { info: nothing, warn: nothing } as unknown as Logger,
      gateway: 'public',
      zone: undefined,
    });
    closing.push(() => made.close());
    return { ...made, clock, called };
  };
  const turns = async () => {
    for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
  };

  it('counts the wait for a further try that never came as time of the call', async () => {
    const { call, clock, called, statistics } = create(
      async () => {
        clock.advance(5);
        throw new Problem('connection-refused');
      },
      { retry: { attempts: 1, backoff: { base: '200ms', max: '200ms' } } },
    );
    const exchange = anExchange({ trace: ROOT_CONTEXT });
    const answer = call(exchange).catch((error: Problem) => error.code);
    await turns();
    clock.advance(150);
    cancel(exchange, new Problem('client-closed'));
    expect(await answer).to.equal('client-closed');
    expect(called.map(({ milliseconds, problem }) => [problem?.code, milliseconds])).to.deep.equal([['client-closed', 155]]);
    clock.advance(10_000);
    expect(statistics.calledLatencies(clock.now()).mean).to.equal(155);
  });
});
