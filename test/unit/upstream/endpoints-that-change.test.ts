import { expect } from 'chai';
import fc from 'fast-check';
import { parseConfig } from '../../../core/config/load.ts';
import type { ServiceConfig } from '../../../core/config/schema/index.ts';
import type { Discovered, Failure } from '../../../core/registry/source.ts';
import type { Instruments } from '../../../core/telemetry/instruments.ts';
import type { Logger } from '../../../core/telemetry/logger.ts';
import { createEndpoints } from '../../../core/upstream/endpoints.ts';
import { eventually } from '../../behaviour/support/eventually.ts';
import { testClock } from '../../support/clock.ts';
import { startUpstream } from '../../support/upstream.ts';

const at = (port: number, more: Partial<Discovered> = {}): Discovered => ({ origin: `http://127.0.0.1:${port}`, weight: 1, ...more });

/** Endpoints of a source that says what the test says. */
function rig(settings: object = {}) {
  const services = { stock: { registry: 'dns', name: 'stock:80', slowStart: '30s', ...settings } };
  const { config } = parseConfig(JSON.stringify({ services, routes: [] }), { file: 'postern.yaml', environment: {} });
  const clock = testClock();
  const logged: Record<string, unknown>[] = [];
  const dropped: object[] = [];
  const log = (record: Record<string, unknown>) => void logged.push(record);
  let onChange = () => {};
  let stopped = false;
  const source = {
    answer: undefined as readonly Discovered[] | undefined,
    failure: undefined as Failure | undefined,
    fixed: false,
    start: (told: () => void) => {
      onChange = told;
    },
    stop: () => {
      stopped = true;
    },
  };
  const pool = createEndpoints('stock', config.services['stock'] as ServiceConfig, {
    sources: { of: () => source },
    clock,
    random: () => 0.5,
    instruments: {
      endpointEjections: { add() {} },
      clientDuration: { drop: dropped.push.bind(dropped) },
      services: new Set(),
    } as unknown as Instruments,
    logger: { info: log, warn: log } as unknown as Logger,
  });
  return {
    pool,
    clock,
    logged,
    dropped,
    stopped: () => stopped,
    say: (answer: readonly Discovered[]) => {
      Object.assign(source, { answer, failure: undefined });
      onChange();
    },
    fail: (why: string) => {
      source.failure ??= { since: clock.now(), why };
      onChange();
    },
  };
}

describe('the endpoints of a service', () => {
  it('are those of the last answer, whatever came before; those who stay are the same objects; those who left are closed', async () => {
    const answers = fc.array(fc.uniqueArray(fc.integer({ min: 4001, max: 4008 })), { maxLength: 12, size: 'max' });
    await fc.assert(
      fc.asyncProperty(answers, async (all) => {
        const { pool, say } = rig();
        for (const ports of all) {
          const earlier = pool.endpoints;
          say(ports.map((port) => at(port)));
          expect(pool.endpoints.map(({ port }) => port).toSorted()).to.deep.equal(ports.toSorted());
          for (const endpoint of earlier) {
            expect(pool.endpoints.includes(endpoint)).to.equal(ports.includes(endpoint.port));
            expect(endpoint.pool.closed).to.equal(!ports.includes(endpoint.port));
          }
        }
        await pool.close();
      }),
      { numRuns: 30 },
    );
  });

  it('begin slowly when they join, and keep their weight when another does', async () => {
    const { pool, say, clock } = rig();
    say([at(4001)]);
    clock.advance(60_000);
    say([at(4001, { weight: 4, zone: 'b' }), at(4002)]);
    expect(pool.endpoints.map(({ weight }) => weight)).to.deep.equal([4, 0.1]);
    expect(pool.endpoints[0]?.zone).to.equal('b');
    await pool.close();
  });

  it('close with the last try that is under way', async () => {
    const { pool, say } = rig();
    say([at(4001)]);
    const [endpoint] = pool.endpoints;
    endpoint?.enter();
    endpoint?.enter();
    say([]);
    endpoint?.leave();
    expect(endpoint?.pool.closed).to.equal(false);
    endpoint?.leave();
    expect(endpoint?.pool.closed).to.equal(true);
    await pool.close();
  });

  it('are no more counted once they have left and their last try has ended, unless they are back', async () => {
    const { pool, say, dropped } = rig();
    const settled = () => new Promise(setImmediate);
    say([at(4001), at(4002), at(4003)]);
    const [first] = pool.endpoints;
    first?.enter();
    say([at(4003)]);
    await settled();
    const gone = (port: number) => ({ 'gateway.service.name': 'stock', 'server.address': '127.0.0.1', 'server.port': port });
    expect(dropped).to.deep.equal([gone(4002)]);
    say([at(4001)]);
    await settled();
    expect(dropped).to.deep.equal([gone(4002), gone(4003)]);
    first?.leave();
    await settled();
    expect(dropped).to.deep.equal([gone(4002), gone(4003)]);
    say([]);
    await settled();
    expect(dropped).to.deep.equal([gone(4002), gone(4003), gone(4001)]);
    await pool.close();
  });

  it('that leave while they are ejected are no more to be probed, and come back as new', async () => {
    const { pool, say, clock } = rig();
    say([at(4001), at(4002)]);
    const [first] = pool.endpoints;
    if (!first) throw new Error('no endpoint');
    for (let failed = 0; failed < 5; failed += 1) pool.detector.failure(first, clock.now());
    expect(pool.detector.ejected).to.equal(1);
    say([at(4002)]);
    clock.advance(60_000);
    expect([pool.detector.ejected, pool.detector.due(clock.now())]).to.deep.equal([0, undefined]);
    say([at(4001), at(4002)]);
    expect(pool.endpoints.every(({ available }) => available)).to.equal(true);
    await pool.close();
  });

  it('are checked while they are there', async () => {
    const upstream = await startUpstream((_, res) => void res.end());
    const { pool, say, stopped } = rig({ healthCheck: { path: '/health', interval: '5ms', timeout: '5ms' } });
    say([at(upstream.port, { healthPath: '/up' })]);
    await eventually(
      () => upstream.requests.length,
      (count) => count > 1,
    );
    expect(upstream.requests[0]?.url).to.equal('/up');
    const [endpoint] = pool.endpoints;
    say([]);
    expect(endpoint?.pool.closed).to.equal(true);
    await eventually(() => upstream.connections.every((socket) => socket.destroyed), Boolean);
    await pool.close();
    expect(stopped()).to.equal(true);
    await upstream.close();
  });

  it('are asked elsewhere how they are when they say so, and remain what they were until that is known', async () => {
    const upstream = await startUpstream((req, res) => void res.writeHead(req.url === '/well' ? 200 : 500).end());
    const { pool, say } = rig({ healthCheck: { path: '/health', interval: '20ms', timeout: '20ms', unhealthyAfter: 2, healthyAfter: 2 } });
    say([at(upstream.port)]);
    const [endpoint] = pool.endpoints;
    await eventually(
      () => endpoint?.healthy,
      (healthy) => healthy === false,
    );
    say([at(upstream.port, { healthPath: '/well' })]);
    expect([pool.endpoints[0] === endpoint, endpoint?.healthy]).to.deep.equal([true, false]);
    await eventually(
      () => endpoint?.healthy,
      (healthy) => healthy === true,
    );
    say([at(upstream.port)]);
    await eventually(
      () => endpoint?.healthy,
      (healthy) => healthy === false,
    );
    expect(upstream.requests.map(({ url }) => url).filter((url, at, all) => url !== all[at - 1])).to.deep.equal([
      '/health',
      '/well',
      '/health',
    ]);
    await pool.close();
    await upstream.close();
  });

  it('are closed with the last try under way, not before, when all is over', async () => {
    const { pool, say } = rig();
    say([at(4001), at(4002)]);
    const [busy, idle] = pool.endpoints;
    busy?.enter();
    let over = false;
    const closing = pool.close().then(() => {
      over = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect([busy?.pool.closed, idle?.pool.closed, over]).to.deep.equal([false, true, false]);
    busy?.leave();
    await closing;
    expect(busy?.pool.closed).to.equal(true);
  });

  it('are kept while the source fails, which is told once', async () => {
    const { pool, say, fail, clock, logged } = rig();
    expect(pool.discovery()).to.deep.equal({ answered: false, failure: undefined, failingFor: 0, asOf: undefined, endpoints: 0 });
    say([at(4001)]);
    fail('nobody answers');
    fail('nobody answers');
    clock.advance(4_000);
    expect(pool.discovery()).to.deep.equal({ answered: true, failure: 'nobody answers', failingFor: 4, asOf: undefined, endpoints: 1 });
    say([at(4001)]);
    expect(logged.map(({ event }) => event)).to.deep.equal(['endpoints-changed', 'registry-failing', 'registry-answers']);
    await pool.close();
  });
});
