import type { IncomingMessage, ServerResponse } from 'node:http';
import { expect } from 'chai';
import { testClock } from '../support/clock.ts';
import { open } from '../support/gateways.ts';
import { ask } from './support/ask.ts';
import { eventually } from './support/eventually.ts';
import { run } from './support/process.ts';
import { scrape } from './support/prometheus.ts';
import { serversOfThisSuite } from './support/servers.ts';

describe('a health check', () => {
  const servers = serversOfThisSuite();
  /** One endpoint that is checked, whose health is what the answer to each check comes to, beside one that is always well. */
  const start = async (onCheck: (req: IncomingMessage, res: ServerResponse) => void, more: object = {}) => {
    const clock = testClock();
    const checked = await servers.upstream((req, res) => {
      if (req.url !== '/health') return void res.end();
      // The time of the next check has come when this one is over.
      clock.advance(5_500);
      onCheck(req, res);
    });
    const well = await servers.upstream((_, res) => void res.end());
    const endpoints = [checked, well].map(({ url }) => url);
    const service = { endpoints, balancer: 'roundRobin', healthCheck: { path: '/health', ...more } };
    const gateway = await servers.public(open('', { service }), { clock });
    const health = async () =>
      (await scrape(gateway.admin))
        .named('gateway_endpoint_health')
        .find(({ labels }) => labels['gateway_endpoint_address'] === `127.0.0.1:${checked.port}`)?.value;
    const becomes = (value: number) => eventually(health, (is) => is === value);
    /** What the log has of it at the end. */
    const logged = async () => {
      await gateway.drain();
      return gateway.logged().filter(({ event, endpoint }) => event === 'endpoint-health' && endpoint === `127.0.0.1:${checked.port}`);
    };
    return { gateway, checked, health, becomes, logged };
  };

  it('takes an endpoint out after failures in a row and brings it back after successes in a row, with a line of the log each', async () => {
    const statuses: number[] = [];
    let last = 200;
    const served: number[] = [];
    const { gateway, checked, health, becomes, logged } = await start(
      (_, res) => {
        const status = statuses.shift() ?? last;
        served.push(status);
        res.writeHead(status).end();
      },
      { unhealthyAfter: 3, healthyAfter: 2 },
    );
    /** All of these have been answered, and at least one check after them: so that what they came to has been taken in. */
    const through = async (...these: number[]) => {
      const until = served.length + these.length + 2;
      statuses.push(...these);
      await eventually(
        () => served.length,
        (count) => count >= until,
      );
    };
    const asked = async () => {
      const before = checked.requests.filter(({ url }) => url === '/').length;
      for (let count = 0; count < 6; count += 1) expect((await ask(gateway.port)).status).to.equal(200);
      return checked.requests.filter(({ url }) => url === '/').length - before;
    };

    await through(503, 503, 200, 503, 503);
    expect([await health(), await asked()]).to.deep.equal([1, 3]);

    last = 503;
    await becomes(0);
    expect(await asked()).to.equal(0);
    await through(200, 503, 204, 500);
    expect(await health()).to.equal(0);

    last = 302;
    await becomes(1);
    expect(await asked()).to.equal(3);
    const endpoint = `127.0.0.1:${checked.port}`;
    const lines = await logged();
    expect(lines.map(({ level, service, endpoint, healthy, why }) => ({ level, service, endpoint, healthy, why }))).to.deep.equal([
      { level: 'warn', service: 'upstream', endpoint, healthy: false, why: 'status 503' },
      { level: 'info', service: 'upstream', endpoint, healthy: true, why: 'status 302' },
    ]);
  });

  it('is a request that says what it is, on a connection of its own', async () => {
    const { checked } = await start((_, res) => void res.end());
    await eventually(
      () => checked.requests.length,
      (count) => count >= 3,
    );
    const [first, second] = checked.requests;
    expect(first).to.include({ method: 'GET', url: '/health' });
    expect(first?.headers).to.include({ 'user-agent': 'postern-health-check', host: `127.0.0.1:${checked.port}`, connection: 'close' });
    expect(first?.socket === second?.socket).to.equal(false);
  });

  it('that gets no answer in time, or no connection, has failed', async () => {
    const silent = await start(() => {}, { timeout: '30ms', interval: '30ms' });
    await silent.becomes(0);
    expect((await silent.logged())[0]?.['why']).to.equal('no answer within 30 ms');
    // Nobody makes the clock go on for it when it is closed.
    const closing = await start((_, res) => void res.end(), { timeout: '300ms', interval: '300ms' });
    await closing.checked.close();
    await closing.becomes(0);
    expect((await closing.logged())[0]?.['why']).to.match(/ECONNREFUSED|ECONNRESET|socket|closed/);
  });

  it('keeps no gateway from its end, nor does one under way', async () => {
    const silent = await servers.upstream(() => {});
    const healthCheck = { path: '/health', timeout: '60s', interval: '60s' };
    const gateway = await run(servers, 'public', open(silent.url, { service: { healthCheck }, public: { drain: { grace: '0ms' } } }));
    await eventually(
      () => silent.requests.length,
      (count) => count === 1,
    );
    await eventually(gateway.readyz, (status) => status === 200);
    gateway.child.kill('SIGTERM');
    expect((await gateway.ended).code).to.equal(0);
  }).timeout(60_000);

  it('asks nobody after the end', async () => {
    const { gateway, checked } = await start((_, res) => void res.end());
    await eventually(
      () => checked.requests.length,
      (count) => count >= 2,
    );
    await gateway.drain();
    const { length } = checked.requests;
    // Another gateway's checks, at the same pace, tell how much time that is.
    const other = await start((_, res) => void res.end());
    await eventually(
      () => other.checked.requests.length,
      (count) => count >= 5,
    );
    expect(checked.requests.length).to.equal(length);
  });
});
