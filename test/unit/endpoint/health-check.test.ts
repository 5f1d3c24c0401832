import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { expect } from 'chai';
import fc from 'fast-check';
import { type HealthCheck, type HealthCheckOptions, HealthThreshold, startHealthCheck } from '../../../core/endpoint/health-check.ts';
import { eventually } from '../../behaviour/support/eventually.ts';
import { startTls } from '../../behaviour/support/tls-upstream.ts';
import { certificateFolder } from '../../support/certificates.ts';
import { testClock } from '../../support/clock.ts';
import { startRawUpstream, startUpstream, type Upstream } from '../../support/upstream.ts';

const often: HealthCheckOptions = { path: '/health', interval: 5, timeout: 2_000, unhealthyAfter: 2, healthyAfter: 2 };

describe('HealthThreshold', () => {
  it('changes after enough checks in a row that say otherwise, as a plain model does', () => {
    const few = fc.integer({ min: 1, max: 4 });
    fc.assert(
      fc.property(few, few, fc.array(fc.boolean(), { maxLength: 60 }), (unhealthyAfter, healthyAfter, checks) => {
        const threshold = new HealthThreshold({ unhealthyAfter, healthyAfter });
        let healthy = true;
        checks.forEach((passed, at) => {
          const last = (count: number) => checks.slice(Math.max(0, at + 1 - count), at + 1);
          const failed = last(unhealthyAfter).length === unhealthyAfter && last(unhealthyAfter).every((one) => !one);
          const recovered = last(healthyAfter).length === healthyAfter && last(healthyAfter).every((one) => one);
          const next = healthy ? !failed : recovered;
          expect(threshold.observe(passed)).to.equal(next !== healthy);
          expect(threshold.healthy).to.equal(next);
          healthy = next;
        });
      }),
    );
  });
});

describe('startHealthCheck', () => {
  let upstream: Upstream | undefined;
  let running: HealthCheck | undefined;
  const changes: string[] = [];
  let finished = 0;

  beforeEach(() => {
    changes.length = 0;
    finished = 0;
  });

  afterEach(async () => {
    running?.stop();
    await upstream?.close();
    upstream = undefined;
  });

  /** Asked once after each check, for the time of the next. */
  const random = () => {
    finished += 1;
    return 0.5;
  };

  function start(url: string, options: Partial<HealthCheckOptions> = {}): HealthCheck {
    running = startHealthCheck(
      { url: new URL(url) },
      { ...often, ...options },
      { clock: testClock(), random, onChange: (healthy, why) => changes.push(`${healthy}: ${why}`) },
    );
    return running;
  }

  it('asks at once, on a connection that it closes', async () => {
    upstream = await startUpstream();
    start(upstream.url, { interval: 3_600_000 });
    const [request] = await eventually(
      () => upstream?.requests ?? [],
      ({ length }) => length === 1,
    );
    expect(request?.method).to.equal('GET');
    expect(request?.url).to.equal('/health');
    expect(request?.headers).to.deep.include({
      host: new URL(upstream.url).host,
      'user-agent': 'postern-health-check',
      connection: 'close',
    });
    await eventually(
      () => upstream?.connections.every(({ destroyed }) => destroyed),
      (closed) => closed === true,
    );
  });

  it('follows what the endpoint says, there and back; a redirection is well', async () => {
    let status = 503;
    upstream = await startUpstream((_req, res) => res.writeHead(status).end('x'));
    const check = start(upstream.url);
    expect(check.healthy).to.equal(true);
    await eventually(
      () => check.healthy,
      (healthy) => !healthy,
    );
    status = 302;
    await eventually(
      () => check.healthy,
      (healthy) => healthy,
    );
    expect(changes).to.deep.equal(['false: status 503', 'true: status 302']);
  });

  it('one that refuses, breaks off, talks nonsense or says nothing in time is not well', async () => {
    const closed = await startUpstream();
    await closed.close();
    const ways: (Parameters<typeof startRawUpstream>[0] | undefined)[] = [
      undefined,
      (socket) => socket.destroy(),
      (socket) => socket.write('nonsense\r\n\r\n'),
      () => {},
      (socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nx'),
    ];
    for (const way of ways) {
      upstream = way && (await startRawUpstream(way));
      const check = start(upstream?.url ?? closed.url, { timeout: 30 });
      await eventually(
        () => check.healthy,
        (healthy) => !healthy,
      );
      check.stop();
      await upstream?.close();
    }
    expect(changes.filter((change) => change.endsWith('no answer within 30 ms'))).to.have.length(2);
  });

  it('never has two checks under way, and cancels the one when it is stopped', async () => {
    upstream = await startUpstream(() => {});
    const check = start(upstream.url, { interval: 1 });
    await eventually(
      () => upstream?.requests.length,
      (length) => length === 1,
    );
    check.stop();
    await eventually(
      () => upstream?.connections.every(({ destroyed }) => destroyed),
      (closed) => closed === true,
    );
    expect(upstream.requests).to.have.length(1);
    expect(changes).to.deep.equal([]);
  });

  it('reads no endless body', async () => {
    upstream = await startUpstream((_req, res) => {
      const more = () => {
        while (!res.destroyed && res.write(Buffer.alloc(16_384)));
      };
      res.on('drain', more);
      more();
    });
    start(upstream.url, { interval: 1 });
    await eventually(
      () => upstream?.requests.length ?? 0,
      (length) => length >= 3,
    );
    expect(changes).to.deep.equal([]);
  });

  it('over TLS knows the endpoint by the name it is called', async () => {
    const folder = certificateFolder();
    const trusted = getCACertificates('default');
    const ca = await folder.authority('CA');
    setDefaultCACertificates([...trusted, ca.cert]);
    const right = await startTls(await folder.issue(ca, 'x', ['DNS:localhost']));
    const wrong = await startTls(await folder.issue(ca, 'x', ['DNS:other.example']));
    try {
      const local = ({ url }: { url: string }) => url.replace('127.0.0.1', 'localhost');
      const unknown = start(local(wrong), { unhealthyAfter: 1 });
      await eventually(
        () => unknown.healthy,
        (healthy) => !healthy,
      );
      unknown.stop();
      expect(changes[0]).to.include('localhost');
      changes.length = 0;
      finished = 0;
      start(local(right), { unhealthyAfter: 1 });
      await eventually(
        () => finished,
        (count) => count >= 2,
      );
      expect(changes).to.deep.equal([]);
    } finally {
      running?.stop();
      setDefaultCACertificates(trusted);
      await Promise.all([right.close(), wrong.close()]);
      folder.remove();
    }
  });
});
