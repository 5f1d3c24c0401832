/** Caching (RFC 9111, with RFC 5861, 9211 and 9213): what a shared cache must not give, and what it must say when it gives. */
import { expect } from 'chai';
import { testClock } from '../support/clock.ts';
import { cases } from './support/caching-cases.ts';
import { secureStage } from './support/secure-stage.ts';

describe('caching', () => {
  const on = secureStage();

  for (const { section, title, says, asks, gets, cache = {} } of cases) {
    it(`${section}: ${title}`, async () => {
      const clock = testClock();
      let count = 0;
      const service = await on.service((req, res) => {
        const { status = 200, fields = {}, body } = says[Math.min(count, says.length - 1)] ?? {};
        count += 1;
        req.resume();
        const date = new Date(clock.epoch()).toUTCString();
        res.writeHead(status, { Date: date, ...fields }).end(status === 304 ? undefined : (body ?? `${count}`));
      });
      const gateway = await on.gateway(service, { route: { cache }, service: { retry: { attempts: 0 } } }, { clock });
      const got: (number | string)[] = [];
      for (const lines of asks) {
        const [, seconds] = /^wait: (\d+)$/.exec(lines) ?? [];
        if (seconds !== undefined) clock.advance(Number(seconds) * 1000);
        else got.push(await answered(gateway, lines));
      }
      expect(got).to.deep.equal(gets);
    });
  }

  async function answered(gateway: { port: number }, lines: string): Promise<number | string> {
    const [, method = 'GET'] = /^method: (\w+)/m.exec(lines) ?? [];
    const [, target = '/'] = /^target: (\S+)/m.exec(lines) ?? [];
    const fields = lines.split('\r\n').filter((line) => line !== '' && !/^(?:method|target):/.test(line));
    const head = [`${method} ${target} HTTP/1.1`, 'Host: a', ...fields, 'Connection: close'];
    const { status, body } = await on.exchange(gateway, `${head.join('\r\n')}\r\n\r\n`);
    // Chunked or not, there is one digit.
    const told = /^(?:1\r\n)?(\d)(?:\r\n0\r\n\r\n)?$/.exec(body)?.[1];
    return told === undefined || status >= 300 ? String(status) : Number(told);
  }

  it('5.1: Age is told, and Date stays that of the service', async () => {
    const clock = testClock();
    const date = new Date(clock.epoch()).toUTCString();
    const service = await on.service((_, res) => void res.writeHead(200, { Date: date, Age: '5', 'Cache-Control': 'max-age=60' }).end('x'));
    const gateway = await on.gateway(service, { route: { cache: {} } }, { clock });
    const first = await on.get(gateway);
    clock.advance(10_000);
    const second = await on.get(gateway);
    expect([first.headers['age'], second.headers['age']]).to.deep.equal([['5'], ['15']]);
    expect([first.headers['date'], second.headers['date']]).to.deep.equal([[date], [date]]);
  });

  it('3.1: fields of one connection are not stored', async () => {
    const service = await on.answering(
      'HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nConnection: x-hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\nProxy-Authenticate: Basic\r\nX-End: 1\r\nContent-Length: 1\r\n\r\nx',
    );
    const gateway = await on.gateway(service, { route: { cache: {} } });
    await on.get(gateway);
    const { headers } = await on.get(gateway);
    expect(headers['cache-status']?.[0]).to.match(/; hit; /);
    expect([headers['x-hop'], headers['keep-alive'], headers['proxy-authenticate'], headers['x-end']]).to.deep.equal([
      undefined,
      undefined,
      undefined,
      ['1'],
    ]);
  });

  it('3.1: nor is an announcement of trailers, which are not stored either', async () => {
    const announcing = await on.answering(
      'HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nTrailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n',
    );
    const sending = await on.answering(
      'HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nX-Sum: 1\r\n\r\n',
    );
    const [first, second] = [await on.gateway(announcing, { route: { cache: {} } }), await on.gateway(sending, { route: { cache: {} } })];
    await on.get(first);
    const hit = await on.get(first);
    expect([hit.status, hit.body, hit.headers['trailer']]).to.deep.equal([200, 'x', undefined]);
    for (let time = 0; time < 2; time += 1) expect((await on.get(second)).body).to.include('X-Sum: 1');
  });

  it('3.3: an answer that was cut is not stored', async () => {
    const service = await on.answering('HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: 10\r\n\r\nhalf', 'reset');
    const gateway = await on.gateway(service, { route: { cache: {} } });
    for (let time = 0; time < 2; time += 1)
      expect((await on.get(gateway)).headers['cache-status']).to.deep.equal(['public-gateway; fwd=miss; stored']);
    expect(service.wires).to.have.length(2);
  });

  it('over HTTP/2 as over HTTP/1.1', async () => {
    const service = await on.answering('HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nETag: "1"\r\nContent-Length: 4\r\n\r\nbody');
    const gateway = await on.secure(service, { route: { cache: {} } });
    const get = (headers = {}) => on.ask(gateway, { ':path': '/', ...headers });
    expect((await get()).headers['cache-status']).to.equal('public-gateway; fwd=miss; stored');
    const hit = await get();
    expect(hit.body).to.equal('body');
    expect(hit.headers['cache-status']).to.match(/^public-gateway; hit; ttl=\d+$/);
    const head = await get({ ':method': 'HEAD' });
    expect([head.body, head.headers['content-length']]).to.deep.equal(['', '4']);
    const unchanged = await get({ 'if-none-match': '"1"' });
    expect([unchanged.headers[':status'], unchanged.body]).to.deep.equal([304, '']);
    expect(service.wires).to.have.length(1);
  });

  it('fields that nobody can read are no harm', async () => {
    for (const field of [
      'Cache-Control: "',
      'Cache-Control: max-age="60',
      'Vary: ,,',
      'Age: -',
      'Date: x',
      'Expires: \xff',
      'ETag: x',
      'CDN-Cache-Control: ?',
      `Cache-Control: ${'"\\'.repeat(6_000)}`,
    ]) {
      const service = await on.answering(`HTTP/1.1 200 OK\r\n${field}\r\nLast-Modified: never\r\nContent-Length: 1\r\n\r\nx`);
      const gateway = await on.gateway(service, { route: { cache: { ttl: '1m' } } });
      expect((await on.get(gateway)).body, field).to.equal('x');
      expect(
        (await on.get(gateway, 'If-None-Match: "', 'Range: bytes=', 'If-Range: ', 'Cache-Control: "\\', 'If-Modified-Since: 0')).body,
        field,
      ).to.equal('x');
    }
  });
});
