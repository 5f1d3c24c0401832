import { connect } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import { open as connection } from '../support/client.ts';
import { open, type TestGateway } from '../support/gateways.ts';
import { ask } from './support/ask.ts';
import { eventually } from './support/eventually.ts';
import { type FilterFolder, filterFolder } from './support/filter-folder.ts';
import { launchBy, root, run } from './support/process.ts';
import { scrape } from './support/prometheus.ts';
import { serversOfThisSuite } from './support/servers.ts';

describe('a filter that fails', () => {
  const servers = serversOfThisSuite();
  let folder: FilterFolder;
  before(() => {
    folder = filterFolder(servers);
  });
  const header = { setResponseHeader: { 'x-carried': 'by every answer' } };

  /** A gateway whose route has one filter that does what the header `do` says, and what else is given. */
  const having = async (stage: string, body: string, more: (object | string)[] = [], settings: object = {}, url?: string) => {
    const name = `${stage}-${Math.abs([...body].reduce((sum, char) => (sum * 31 + char.charCodeAt(0)) | 0, 7))}.ts`;
    const filter = folder.write(name, `name: 'bad', stage: '${stage}', async run(exchange) { ${body} }`);
    const upstream = await servers.upstream();
    const given = open(url ?? upstream.url, { route: { filters: [filter, ...more] }, filters: settings });
    const gateway = await servers.private(given, { directory: folder.directory });
    return { gateway, upstream };
  };
  const when = (code: string) => `if (exchange.request.headers.has('x-fail')) ${code}`;
  const logged = (gateway: TestGateway, event: string) =>
    eventually(
      () => gateway.logged().filter((line) => line['event'] === event),
      (lines) => lines.length > 0,
    );
  const failing = { headers: { 'x-fail': '1' } };

  for (const stage of ['pre', 'route', 'post'])
    it(`in stage ${stage} is a 500 that says so; the next request is served`, async () => {
      const { gateway } = await having(stage, when("throw new Error('the secret of the filter')"), [header]);
      const failed = await ask(gateway.port, '/', failing);
      expect([failed.status, failed.json()['code'], failed.json()['detail']]).to.deep.equal([
        500,
        'filter-failed',
        'The filter bad failed.',
      ]);
      expect(failed.body).not.to.contain('secret');
      expect(failed.header('x-carried')).to.equal(stage === 'post' ? undefined : 'by every answer');
      expect((await ask(gateway.port, '/')).status).to.equal(200);
      const [told] = await logged(gateway, 'filter-failed');
      expect(told).to.include({ filter: 'bad', stage });
      expect(JSON.stringify(told)).to.contain('the secret of the filter');
      const scraped = await scrape(gateway.admin);
      expect(
        scraped.named('gateway_filter_failures_total').map(({ labels, value }) => [labels['gateway_filter_name'], value]),
      ).to.deep.equal([['bad', 1]]);
      expect(scraped.named('gateway_filter_duration_seconds_count')[0]).to.deep.include({ value: 2 });
    });

  for (const thrown of ['undefined', 'null', "'a text'", '{ then: 1 }'])
    it(`may throw ${thrown}`, async () => {
      const { gateway } = await having('pre', `throw ${thrown}`);
      expect((await ask(gateway.port, '/')).json()['code']).to.equal('filter-failed');
    });

  it('in stage error is passed over: the others and post run, and the answer is the first failure', async () => {
    const { gateway } = await having('error', 'throw new Error()', [header], {}, 'http://127.0.0.1:1');
    const failed = await ask(gateway.port, '/');
    expect([failed.status, failed.json()['code'], failed.header('x-carried')]).to.deep.equal([
      502,
      'connection-refused',
      'by every answer',
    ]);
  });

  it('in stage post is seen by the filters for errors, once', async () => {
    const seen = folder.write(
      'seen.ts',
      "name: 'seen', stage: 'error', run({ error, response }) { response.headers.append('x-seen', error.code); }",
    );
    const { gateway } = await having('post', 'throw new Error()', [seen]);
    expect((await ask(gateway.port, '/')).headers['x-seen']).to.deep.equal(['filter-failed']);
    const both = await having('post', '"both"; throw new Error()', [seen], {}, 'http://127.0.0.1:1');
    const failed = await ask(both.gateway.port, '/');
    expect([failed.json()['code'], failed.headers['x-seen']]).to.deep.equal(['filter-failed', undefined]);
  });

  for (const stage of ['pre', 'route', 'post'])
    it(`and one that never ends, in stage ${stage}, is given up after the timeout`, async () => {
      const { gateway } = await having(stage, when('await new Promise(() => {})'), [], { timeout: '50ms' });
      const failed = await ask(gateway.port, '/', failing);
      expect([failed.status, failed.json()['code']]).to.deep.equal([500, 'filter-failed']);
      expect((await ask(gateway.port, '/')).status).to.equal(200);
    });

  it('but is not blamed for the time that the service or the client takes', async () => {
    const slow = await servers.upstream((req, res) => {
      req.resume();
      setTimeout(() => res.end('late'), 150);
    });
    const { gateway } = await having('route', 'await exchange.request.body(10); await exchange.next();', [], { timeout: '50ms' }, slow.url);
    const socket = await connection(gateway.port);
    socket.write('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\nconnection: close\r\n\r\n1');
    setTimeout(() => socket.write('2'), 120);
    let answer = '';
    for await (const chunk of socket) answer += chunk;
    expect(answer).to.match(/^HTTP\/1.1 200 /);
    expect(gateway.logged().filter(({ event }) => event === 'filter-slow')).to.deep.equal([]);
  });

  it('late, or misused, changes nothing of the answer that was given', async () => {
    const { gateway, upstream } = await having(
      'route',
      `const { promise, resolve } = Promise.withResolvers();
       globalThis.late = async () => {
         const failed = [];
         for (const attempt of [
           () => exchange.next(),
           () => exchange.respond(201),
           () => exchange.response.setBody('late'),
           () => { exchange.response.status = 202; },
         ]) try { await attempt(); } catch (error) { failed.push(error.constructor.name); }
         return failed;
       };
       await promise;`,
      [],
      { timeout: '30ms' },
    );
    expect((await ask(gateway.port, '/')).status).to.equal(500);
    const { late } = globalThis as unknown as { late: () => Promise<string[]> };
    expect(await late()).to.deep.equal(['TypeError', 'TypeError', 'TypeError', 'TypeError']);
    expect(upstream.requests).to.have.length(0);
  });

  for (const [misuse, code] of Object.entries({
    'reads the response before there is one': 'exchange.response.status',
    'calls next in another stage': 'await exchange.next()',
    'sets a field of the framing': "exchange.request.headers.set('content-length', '1')",
    'splits a header': "exchange.request.headers.set('x-a', 'b\\r\\nc: d')",
    'leaves the canonical form': "exchange.request.url = '/a/%2e%2e/b'",
    'asks for another host': "exchange.request.url = 'http://other.example/'",
    'answers with no status': 'exchange.respond(99)',
    'answers with what is no JSON': 'exchange.respond(200, {}, 1n)',
    'makes a tunnel': "exchange.request.method = 'CONNECT'",
    'makes a HEAD of what is none': "exchange.request.method = 'HEAD'",
  }))
    it(`when it ${misuse}`, async () => {
      const { gateway, upstream } = await having('pre', `/* ${misuse} */ ${code}`);
      expect((await ask(gateway.port, '/')).json()['code']).to.equal('filter-failed');
      expect(upstream.requests).to.have.length(0);
    });

  it('when it calls next twice; called and not waited for, the answer is waited for', async () => {
    const twice = await having('route', 'await exchange.next(); await exchange.next();');
    expect((await ask(twice.gateway.port, '/')).json()['code']).to.equal('filter-failed');
    const loose = await having('route', 'exchange.next();');
    expect((await ask(loose.gateway.port, '/')).status).to.equal(200);
    const thrown = await having('route', "exchange.next(); throw new Error('before the answer')");
    expect((await ask(thrown.gateway.port, '/')).json()['code']).to.equal('filter-failed');
    const answered = await having('route', "exchange.next(); exchange.respond(200, {}, 'mine')");
    expect((await ask(answered.gateway.port, '/')).body).to.equal('mine');
  });

  it('or that has an answer, is not kept from it by a service that has none', async () => {
    const upstream = await servers.upstream(() => {});
    for (const [does, answered] of [
      ["exchange.respond(504, {}, 'mine');", [504, 'mine']],
      ["throw new Error('before the answer');", [500]],
    ] as const) {
      const { gateway } = await having(
        'route',
        `exchange.next().catch(() => {}); await exchange.request.body(9); ${does}`,
        [],
        {},
        upstream.url,
      );
      const answer = await ask(gateway.port, '/', { method: 'POST', body: 'abc' });
      expect([answer.status, answer.body].slice(0, answered.length)).to.deep.equal(answered);
    }
    // Nobody waits for the service any more. (A connection on which nothing was sent yet may be kept for another request.)
    await eventually(
      () => upstream.requests.filter(({ socket }) => !socket.destroyed).length,
      (waited) => waited === 0,
    );
  });

  it('holds no connection of the service', async () => {
    const { gateway, upstream } = await having('post', when("throw new Error('with an answer under way')"));
    for (let turn = 0; turn < 5; turn += 1) expect((await ask(gateway.port, '/', failing)).status).to.equal(500);
    await eventually(
      () => upstream.connections.filter(({ destroyed }) => !destroyed).length,
      (connected) => connected <= 1,
    );
  });

  it('looks in vain for a body whose client has left, and is left itself', async () => {
    const { gateway } = await having(
      'pre',
      'globalThis.waits?.(); globalThis.saw = await exchange.request.body(10).catch(({ code }) => code);',
    );
    const waits = new Promise<void>((resolve) => Object.assign(globalThis, { waits: resolve }));
    const socket = connect(gateway.port, '127.0.0.1');
    socket.write('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n1');
    await waits;
    socket.destroy();
    await eventually(
      () => (globalThis as { saw?: string }).saw,
      (saw) => saw === 'client-closed',
    );
  });

  it('that is slow is named in the log, once a while', async () => {
    const { gateway } = await having('pre', 'await new Promise((done) => setTimeout(done, 15))', [], { slow: '5ms' });
    for (let turn = 0; turn < 3; turn += 1) await ask(gateway.port, '/');
    const slow = await logged(gateway, 'filter-slow');
    expect(slow).to.have.length(1);
    expect(slow[0]).to.include({ filter: 'bad', stage: 'pre', times: 1 });
  });

  it('with what it asked for and did not wait for, ends no process', async () => {
    const filters = [
      ['pre', 'request', 'exchange.request.body(9).then(() => {}); await exchange.request.body(9);'],
      ['pre', 'late', 'setTimeout(exchange.respond, 1, 503);'],
      ['route', 'next', 'exchange.next().then(() => {});'],
      ['post', 'response', 'exchange.response.body(9).then(() => {}); await exchange.response.body(9);'],
      ['error', 'error', 'void Promise.reject(exchange.error);'],
    ].map(([stage, name, does]) =>
      folder
        .write(
          `left-${name}.ts`,
          `name: '${name}', stage: '${stage}', async run(exchange) { if (exchange.request.url === '/${name}') { ${does} } }`,
        )
        .replace('.', folder.directory),
    );
    const cutting = await servers.upstream(({ url }, res) => {
      if (url === '/late') return res.end();
      if (url !== '/response') return res.destroy();
      res.writeHead(200, { 'content-length': '9' });
      return res.write('abc', () => res.destroy());
    });
    const gateway = await run(servers, 'public', open(cutting.url, { route: { filters }, public: { drain: { grace: '0ms' } } }));
    let log = '';
    gateway.child.stdout?.on('data', (text) => {
      log += text;
    });
    const strayed = (count: number) =>
      eventually(
        () => log.match(/"event":"filter-strayed"/g)?.length,
        (found) => found === count || gateway.child.exitCode !== null,
      );
    const socket = await connection(gateway.port);
    socket.write('POST /request HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\nabc', () => socket.destroy());
    await strayed(1);
    expect((await ask(gateway.port, '/late')).status).to.equal(200);
    await strayed(2);
    for (const [at, name] of ['next', 'response', 'error'].entries()) {
      expect((await ask(gateway.port, `/${name}`)).status).to.equal(502);
      await strayed(at + 3);
    }
    gateway.child.kill('SIGTERM');
    expect((await gateway.ended).code).to.equal(0);
  });

  it('as often as it is asked says why once a while, and how often', async () => {
    const { gateway } = await having('pre', "throw new Error('always')");
    for (let turn = 0; turn < 3; turn += 1) expect((await ask(gateway.port, '/')).status).to.equal(500);
    await eventually(
      () => gateway.logged().filter(({ event }) => event === 'request').length,
      (count) => count === 3,
    );
    expect(await logged(gateway, 'filter-failed')).to.have.length(1);
    expect((await scrape(gateway.admin)).named('gateway_filter_failures_total')[0]?.value).to.equal(3);
  });

  it('is not needed for the others to see what failed before them', async () => {
    const { gateway } = await having('pre', "'a loop';", [header]);
    const failed = await ask(gateway.port, '/', { headers: { via: '1.1 private-gateway' } });
    expect([failed.json()['code'], failed.header('x-carried')]).to.deep.equal(['loop', 'by every answer']);
  });

  it('is forgotten where another makes an answer of it that is none', async () => {
    const mends = folder.write('mends.ts', "name: 'mends', stage: 'error', run({ respond }) { respond(200, {}, 'mended'); }");
    const { gateway } = await having('pre', "'mended'; throw new Error('once')", [mends]);
    expect((await ask(gateway.port, '/')).body).to.equal('mended');
    const [line] = await logged(gateway, 'request');
    expect([line?.['status'], line?.['problem']]).to.deep.equal([200, undefined]);
  });

  it('behind the back of a command that has ended neither holds it up nor makes it one that failed', async () => {
    const filter = folder
      .write(
        'begins.ts',
        `const begun = setInterval(() => { if (process.exitCode !== undefined) void Promise.reject(new Error('late')); }, 5);
         export default { name: 'begins', stage: 'pre', run() {} };`,
      )
      .replace('.', folder.directory);
    const main = join(root, 'public-gateway/main.ts');
    const check = (file: string) => [process.execPath, main, 'check', '-c', file];
    const { code, stdout, stderr } = await launchBy(servers, open('http://127.0.0.1:1', { route: { filters: [filter] } }), check).ended;
    expect([code, stdout.slice(0, 4), stderr], stdout).to.deep.equal([0, 'ok: ', '']);
  });

  it('behind the back of its request ends no process', async () => {
    const filters = [
      folder.write('rejects.ts', "name: 'rejects', stage: 'pre', run() { void Promise.reject(new Error('unheard')); }"),
      folder.write('throws.ts', "name: 'throws', stage: 'pre', run() { setTimeout(() => { throw new Error('uncaught'); }); }"),
    ].map((name) => name.replace('.', folder.directory));
    const upstream = await servers.upstream();
    const gateway = await run(servers, 'public', open(upstream.url, { route: { filters }, public: { drain: { grace: '0ms' } } }));
    expect((await ask(gateway.port, '/')).status).to.equal(200);
    expect(JSON.stringify(await gateway.logs('filter-strayed'))).to.contain('unheard');
    expect((await ask(gateway.port, '/')).status).to.equal(200);
    gateway.child.kill('SIGTERM');
    const { code, stdout } = await gateway.ended;
    expect([code, stdout.match(/"event":"filter-strayed"/g)?.length]).to.deep.equal([0, 4]);
  });
});
