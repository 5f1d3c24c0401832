/** A Redis of Debian's, and gateways that count in it: together while it is there, each for itself while it is not. */

import { createServer } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import { certificateFolder } from '../support/certificates.ts';
import { freePort, openBench } from './support/bench.ts';
import { type Gateway, startGateway } from './support/gateway.ts';
import { accepting, type Program } from './support/program.ts';
import { until } from './support/until.ts';

/** Requests in an hour, of each route. */
const LIMIT = 20;
const PASSWORD = 'p@ss/word:1';

describe('limits that gateways share in Redis', () => {
  const bench = openBench();
  let upstream: number;
  let port: number;
  let securePort: number;
  let certificates: { ca: string; options: string[] };
  let redis: Program;

  const startRedis = async () => {
    redis = bench.start('/usr/bin/redis-server', [
      ...['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'],
      ...['--requirepass', PASSWORD, '--maxmemory-policy', 'noeviction'],
      ...certificates.options,
    ]);
    await accepting(redis, port);
  };

  /** Answers of one connection to commands as one types them, until it says OK or fails. */
  const tell = (...commands: string[]) =>
    new Promise<string>((resolve, reject) => {
      const socket = connect(port, '127.0.0.1');
      socket
        .setEncoding('utf8')
        .once('error', reject)
        .once('connect', () => {
          socket.write([`AUTH ${PASSWORD}`, ...commands, 'QUIT', ''].join('\r\n'));
        });
      let said = '';
      socket.on('data', (text: string) => {
        said += text;
      });
      socket.once('end', () => resolve(said));
    });

  const start = async (which: 'public-gateway' | 'private-gateway', state: string, environment = {}) => {
    const route = (name: string) =>
      `  - { name: ${name}, match: { path: /${name} }, service: upstream, expose: { public: { access: anonymous, rateLimit: ${LIMIT}/h }, private: { callers: [tests], rateLimit: ${LIMIT}/h } } }\n`;
    const place = '{ host: 127.0.0.1, port: 0 }';
    const file = await bench.file(
      'postern.yaml',
      `services: { upstream: { endpoints: ['http://127.0.0.1:${upstream}'] } }
routes:
${['shared', 'gone', 'flushed', 'full', 'locked', 'apart', 'warm'].map(route).join('')}
public: { listen: ${place}, admin: ${place}, drain: { grace: 0ms } }
private: { listen: ${place}, admin: ${place}, drain: { grace: 0ms }, callers: { tests: { from: [127.0.0.1] } } }
state: '${state}'
`,
    );
    return startGateway(bench, which, file, environment);
  };
  const url = (password = PASSWORD) => `redis://:${encodeURIComponent(password)}@127.0.0.1:${port}/1`;

  /** How many of so many requests, half of them at each gateway and all at once, were let through. */
  const allowed = async (path: string, gateways: readonly Gateway[], count = 3 * LIMIT) => {
    const statuses = await Promise.all(
      Array.from({ length: count }, async (_, index) => {
        const response = await fetch(`${gateways[index % gateways.length]?.url}/${path}`);
        await response.text();
        return response.status;
      }),
    );
    expect(statuses.filter((status) => status !== 200 && status !== 429)).to.deep.equal([]);
    return statuses.filter((status) => status === 200).length;
  };
  const isReachable = async (gateway: Gateway) =>
    /^gateway_state_reachable (\d)$/m.exec(await (await fetch(`${gateway.admin}/metrics`)).text())?.[1];
  const toBe = (wanted: '0' | '1', gateways: readonly Gateway[]) =>
    until(`gateway_state_reachable to be ${wanted}`, async () => {
      const all = await Promise.all(gateways.map(isReachable));
      return all.every((value) => value === wanted);
    });
  const isReady = async (gateway: Gateway) => {
    const response = await fetch(`${gateway.admin}/readyz?verbose`);
    return { status: response.status, text: await response.text() };
  };

  let both: [Gateway, Gateway];

  before(async () => {
    upstream = await bench.listen(createServer((_, res) => void res.end('there')));
    port = await freePort();
    securePort = await freePort();
    const folder = certificateFolder();
    bench.undo(() => folder.remove());
    const authority = await folder.authority('inside');
    const { cert, key } = await folder.issue(authority, 'redis', ['IP:127.0.0.1']);
    const ca = join(folder.path, authority.certFile);
    certificates = {
      ca,
      options: [
        ...['--tls-port', String(securePort), '--tls-auth-clients', 'no', '--tls-ca-cert-file', ca],
        ...['--tls-cert-file', await bench.file('cert.pem', cert), '--tls-key-file', await bench.file('key.pem', key)],
      ],
    };
    await startRedis();
    both = [await start('public-gateway', url()), await start('public-gateway', url())];
  });
  // A machine that is busy may be late with the first answer.
  beforeEach(() => toBe('1', both));
  after(() => bench.clear());

  it('are those of both, to the request', async () => {
    expect(await allowed('shared', both)).to.equal(LIMIT);
  });

  it('are told of by explain', async () => {
    // It has counted nothing itself.
    const other = await start('public-gateway', url());
    await toBe('1', [other]);
    const response = await fetch(`${other.admin}/explain`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ method: 'GET', url: '/shared', from: '127.0.0.1' }),
    });
    expect(await response.text()).to.contain('rate-limited');
  });

  it('are apart from those of the private gateway', async () => {
    expect(await allowed('apart', both)).to.equal(LIMIT);
    const inside = await start('private-gateway', url());
    await allowed('warm', [inside], 1);
    await toBe('1', [inside]);
    expect(await allowed('apart', [inside])).to.equal(LIMIT);
  });

  it('are the same by TLS, of a server that is known', async () => {
    const secure = url().replace('redis:', 'rediss:').replace(String(port), String(securePort));
    const known = await start('public-gateway', secure, { NODE_EXTRA_CA_CERTS: certificates.ca });
    await toBe('1', [known]);
    expect(await allowed('shared', [known])).to.equal(0);
    const stranger = await start('public-gateway', secure);
    expect(await isReachable(stranger)).to.equal('0');
    expect((await isReady(stranger)).text).to.match(/each instance counts for itself: .*certificate/);
  });

  it('name nobody, in keys of one length that all end', async () => {
    const keys = (await tell('SELECT 1', 'KEYS *')).match(/^postern:.*$/gm) ?? [];
    const counted = keys.filter((key) => key.includes(':route:')).map((key) => key.trim());
    expect(counted.length).to.be.greaterThan(0);
    for (const key of counted) {
      expect(key).to.match(/^postern:(public|private)-gateway:route:[a-z]+:20:3600000:[\w-]{43}$/);
      expect(await tell('SELECT 1', `TTL ${key}`)).to.match(/:3[56]\d\d\r/);
    }
  });

  it('are those of each while Redis is gone, and of both when it is back', async () => {
    await redis.stop();
    await toBe('0', both);
    expect(await allowed('gone', both)).to.equal(2 * LIMIT);
    const { status, text } = await isReady(both[0]);
    expect(status).to.equal(200);
    expect(text).to.match(
      /^\[\+\]state ok \(redis:\/\/\(hidden\)@127\.0\.0\.1:\d+\/1 is not reachable, each instance counts for itself: /m,
    );
    await startRedis();
    await toBe('1', both);
    expect(await allowed('gone', both)).to.equal(LIMIT);
  });

  it('begin anew when all that it knows is forgotten, scripts too', async () => {
    expect(await allowed('flushed', both)).to.equal(LIMIT);
    await tell('FLUSHALL', 'SCRIPT FLUSH');
    expect(await allowed('flushed', both)).to.equal(LIMIT);
    expect(await isReachable(both[0])).to.equal('1');
  });

  it('are those of each while it is full, or may not be written to', async () => {
    await tell('CONFIG SET maxmemory 1');
    expect(await allowed('full', both)).to.equal(2 * LIMIT);
    await tell('CONFIG SET maxmemory 0');
    await toBe('1', both);
    await tell('REPLICAOF 127.0.0.1 1');
    expect(await allowed('locked', both)).to.equal(2 * LIMIT);
    expect((await isReady(both[0])).text).to.contain('READONLY');
    await tell('REPLICAOF NO ONE');
    await toBe('1', both);
    expect(await allowed('full', both)).to.equal(LIMIT);
  });

  it('are those of each where the password is wrong, and no password is told', async () => {
    const locked = await start('public-gateway', url('wrong p@ssword'));
    expect(await allowed('shared', [locked])).to.equal(LIMIT);
    expect((await isReady(locked)).text).to.contain('WRONGPASS');
    await locked.stop();
    expect(locked.records().map(({ event }) => event)).to.include('state-unreachable');
    expect(JSON.stringify(locked.records())).to.not.contain('wrong');
  });

  it('are said to be so once, and no oftener', () => {
    const events = both[0].records().filter(({ event }) => String(event).startsWith('state-'));
    const said = events.map(({ event }) => event);
    expect(said).to.include('state-unreachable').and.include('state-reachable');
    for (const [index, event] of said.entries()) expect(event).to.not.equal(said[index - 1]);
    expect(JSON.stringify(both[0].records())).to.not.contain(PASSWORD).and.not.contain(encodeURIComponent(PASSWORD));
  });
});
