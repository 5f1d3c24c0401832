import { expect } from 'chai';
import fc from 'fast-check';
import { parseConfig } from '../../../core/config/load.ts';
import type { ServiceConfig } from '../../../core/config/schema/index.ts';
import type { Endpoint } from '../../../core/endpoint/endpoint.ts';
import { shared } from '../../../core/registry/shared.ts';
import type { Discovered } from '../../../core/registry/source.ts';
import type { Instruments } from '../../../core/telemetry/instruments.ts';
import type { Logger } from '../../../core/telemetry/logger.ts';
import { createEndpoints, type Endpoints } from '../../../core/upstream/endpoints.ts';
import { testClock } from '../../support/clock.ts';

const at = (port: number): Discovered => ({ origin: `http://127.0.0.1:${port}`, weight: 1 });

/** Lists of one service, each with settings of its own, of one source that says what the test says. */
function rig() {
  const source = { answer: undefined as readonly Discovered[] | undefined, failure: undefined, fixed: false, running: 0, told: () => {} };
  const asked = Object.assign(source, {
    start(told: () => void) {
      source.running += 1;
      source.told = told;
    },
    stop() {
      source.running -= 1;
    },
  });
  const parts = {
    sources: shared({ of: () => asked }),
    clock: testClock(),
    random: () => 0.5,
    instruments: { clientDuration: { drop() {} }, services: new Set() } as unknown as Instruments,
    logger: { info() {}, warn() {} } as unknown as Logger,
  };
  return {
    running: () => source.running,
    say(ports: readonly number[]) {
      source.answer = ports.map(at);
      source.told();
    },
    list(settings: object, before?: Endpoints) {
      const services = { stock: { registry: 'dns', name: 'stock:80', ...settings } };
      const { config } = parseConfig(JSON.stringify({ services, routes: [] }), { file: 'postern.yaml', environment: {} });
      return createEndpoints('stock', config.services['stock'] as ServiceConfig, parts, before);
    },
  };
}

describe('endpoints that another list takes over', () => {
  it('are as the list in force says until it is replaced, whatever the one that may take its place hears', async () => {
    const { say, list } = rig();
    const first = list({});
    say([4001, 4002]);
    const next = list({ overrides: { '127.0.0.1:4001': { drain: true, weight: 5 } } }, first);
    const [one] = first.endpoints;
    expect(next.endpoints[0]).to.equal(one);
    say([4001, 4002]);
    expect([one?.draining, one?.weight]).to.deep.equal([false, 1]);
    first.rest();
    next.begin();
    expect([one?.draining, one?.weight]).to.deep.equal([true, 5]);
    await Promise.all([first.close(), next.close()]);
  });

  it('are closed when nobody has them any more and not before, and the source is asked by one, whatever is tried and given up', async () => {
    const ports = fc.uniqueArray(fc.integer({ min: 4001, max: 4005 }));
    const step = fc.oneof(
      ports.map((some) => ({ does: 'say' as const, some })),
      fc.record({ does: fc.constant('replace' as const), connect: fc.integer({ min: 1, max: 2 }) }),
      fc.record({ does: fc.constant('tryOut' as const), connect: fc.integer({ min: 1, max: 2 }), meanwhile: ports }),
      fc.record({ does: fc.constant('closeOldest' as const) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25, size: 'max' }), async (steps) => {
        const { say, list, running } = rig();
        const seen = new Set<Endpoint>();
        let inForce = list({});
        const old: Endpoints[] = [];
        const closing: Promise<void>[] = [];
        const check = () => {
          const lists = [inForce, ...old];
          for (const { endpoints } of lists) for (const endpoint of endpoints) seen.add(endpoint);
          for (const endpoint of seen) expect(endpoint.pool.closed).to.equal(!lists.some(({ endpoints }) => endpoints.includes(endpoint)));
          expect(running()).to.equal(1);
        };
        for (const one of steps) {
          if (one.does === 'say') say(one.some);
          else if (one.does === 'closeOldest') closing.push(old.shift()?.close() ?? Promise.resolve());
          else {
            const next = list({ timeouts: { connect: `${one.connect}s` } }, inForce);
            if (one.does === 'replace') {
              inForce.rest();
              next.begin();
              old.push(inForce);
              inForce = next;
            } else {
              say(one.meanwhile);
              for (const endpoint of next.endpoints) seen.add(endpoint);
              closing.push(next.close());
            }
          }
          check();
        }
        await Promise.all([...closing, inForce.close(), ...old.map((one) => one.close())]);
        for (const { pool } of seen) expect(pool.closed).to.equal(true);
        expect(running()).to.equal(0);
      }),
      { numRuns: 40 },
    );
  });
});
