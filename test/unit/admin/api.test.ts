import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { written } from '../../../core/revisions/written.ts';
import { request } from '../../support/client.ts';
import { aPort, type Port } from './a-port.ts';

const FILE = `# the shop
services:
  orders: # who sells
    endpoints: ["http://127.0.0.1:4001", { url: "http://127.0.0.1:\${PORT:-4002}", weight: 2 }] # two
    timeouts: { attempt: 2s }
  stock: { registry: dns, name: "stock.internal:80" }

routes:
  - name: orders # the first
    match: { path: /orders }
    service: orders
    expose: { public: { access: anonymous } }
  - { name: stock, match: { path: /stock }, service: stock, expose: { private: { callers: [us] } } }
private:
  callers: { us: { from: [127.0.0.1] } }
  admin: { token: "a secret of this file" }
`;

describe('the admin API', () => {
  let port: Port;
  beforeEach(async () => {
    port = await aPort({
      text: FILE,
      services: [],
    });
  });
  afterEach(() => port.close());
  const etag = async () => (await port.admin('GET', '/services')).etag;

  it('tells values as they are written, each with the revision of the file', async () => {
    const { status, body, etag: tag } = await port.admin('GET', '/services/orders');
    expect([status, tag]).to.deep.equal([200, `"${port.reloading.loaded.revision}"`]);
    expect(body).to.deep.equal({
      endpoints: ['http://127.0.0.1:4001', { url: `http://127.0.0.1:\${PORT:-4002}`, weight: 2 }],
      timeouts: { attempt: '2s' },
    });
    expect((await port.admin('GET', '/services')).body.services).to.have.keys('orders', 'stock');
    expect((await port.admin('GET', '/routes')).body.routes.map(({ name }: { name: string }) => name)).to.deep.equal(['orders', 'stock']);
    expect((await port.admin('GET', '/routes/stock')).body.match).to.deep.equal({ path: '/stock' });
    const lines = ['GET /services/orders HTTP/1.1', 'Host: localhost', `If-None-Match: ${tag}`];
    expect((await request(Number(new URL(port.url).port), lines)).status).to.equal(304);
  });

  it('knows no names that are not there, however odd', async () => {
    for (const name of ['nobody', '__proto__', 'constructor', 'a%2Fb', '%F0%9F%98%80', '..%2f', '%00'])
      for (const path of [`/services/${name}`, `/services/${name}/endpoints`, `/routes/${name}`, `/revisions/${name}`]) {
        const { status, body } = await port.admin('GET', path);
        expect([status, body.code], path).to.deep.equal([404, 'not-found']);
      }
    expect((await port.admin('GET', '/services/%zz')).status).to.be.oneOf([400, 404]);
    expect((await port.admin('GET', '/services/orders/endpoints/%')).status).to.be.oneOf([400, 404, 405]);
    expect(port.logged).to.deep.equal([]);
  });

  it('takes no path for another that only looks like it', async () => {
    const match = await etag();
    for (const path of [
      '/services/orders/',
      '/SERVICES/orders',
      '//services/orders',
      '/services//orders',
      '/%73ervices/orders',
      '/services/orders;x',
      '/services/',
    ])
      for (const method of ['PUT', 'PATCH', 'DELETE']) {
        const { status } = await port.admin(method, path, method === 'DELETE' ? undefined : { timeouts: null }, { match });
        expect(status, `${method} ${path}`).to.be.oneOf([400, 404, 405, 422]);
      }
    expect(port.text()).to.equal(FILE);
  });

  it('changes one line of the file, and answers when that is in force', async () => {
    const {
      status,
      body,
      etag: tag,
    } = await port.admin('PATCH', '/services/orders', { circuitBreaker: { force: 'open' } }, { match: await etag() });
    expect([status, body.circuitBreaker]).to.deep.equal([200, { force: 'open' }]);
    expect(tag).to.equal(`"${port.reloading.loaded.revision}"`);
    expect(port.reloading.loaded.config.services['orders']?.circuitBreaker.force).to.equal('open');
    expect(port.text()).to.equal(
      FILE.replace('    timeouts: { attempt: 2s }\n', '    timeouts: { attempt: 2s }\n    circuitBreaker: { force: open }\n'),
    );
  });

  it('needs the revision that is to be changed, and no other', async () => {
    const patch = { weight: 3 };
    const path = '/services/orders/endpoints/127.0.0.1:4001';
    const answers = [undefined, '*', '"000000000000"', 'W/"000000000000"'].map((match) => port.admin('PATCH', path, patch, { match }));
    expect((await Promise.all(answers)).map(({ status }) => status)).to.deep.equal([428, 428, 412, 412]);
    const { body, etag: tag } = await port.admin('PATCH', path, patch, { match: '"000000000000"' });
    expect([body.revision, tag]).to.deep.equal([port.reloading.loaded.revision, await etag()]);
    expect(port.text()).to.equal(FILE);
  });

  it('lists, adds, changes, drains and removes endpoints', async () => {
    const path = '/services/orders/endpoints';
    expect((await port.admin('GET', path)).body.endpoints).to.deep.equal([
      { endpoint: '127.0.0.1:4001', from: 'file', url: 'http://127.0.0.1:4001' },
      { endpoint: '127.0.0.1:4002', from: 'file', url: `http://127.0.0.1:\${PORT:-4002}`, weight: 2 },
    ]);
    const added = await port.admin('POST', path, 'http://127.0.0.1:4003', { match: await etag() });
    expect([added.status, added.body.endpoint, added.headers.get('location')]).to.deep.equal([
      201,
      '127.0.0.1:4003',
      `${path}/127.0.0.1:4003`,
    ]);
    expect((await port.admin('POST', path, { url: 'http://127.0.0.1:4002' }, { match: added.etag })).body.code).to.equal('conflict');
    const drained = await port.admin('PATCH', `${path}/127.0.0.1:4002`, { drain: true, weight: null }, { match: added.etag });
    expect(drained.body).to.deep.equal({ endpoint: '127.0.0.1:4002', from: 'file', url: `http://127.0.0.1:\${PORT:-4002}`, drain: true });
    const weighted = await port.admin('PATCH', `${path}/127.0.0.1:4001`, { weight: 7 }, { match: drained.etag });
    expect(weighted.body.weight).to.equal(7);
    const removed = await port.admin('DELETE', `${path}/127.0.0.1:4003`, undefined, { match: weighted.etag });
    expect([removed.status, removed.text, removed.etag]).to.deep.equal([204, '', await etag()]);
    expect((await port.admin('DELETE', `${path}/127.0.0.1:4003`, undefined, { match: removed.etag })).status).to.equal(404);
    expect(port.reloading.loaded.config.services['orders']?.endpoints).to.deep.equal([
      { url: 'http://127.0.0.1:4001', weight: 7 },
      { url: 'http://127.0.0.1:4002', weight: 1, drain: true },
    ]);
    expect(port.text()).to.include('# two\n');
  });

  it('leaves the endpoints of a registry to it, but for what an operator says of them', async () => {
    const state = { weight: 1, healthy: true, ejection: 'available', available: true, draining: false, priority: 0, inFlight: 2 };
    const endpoint = { id: '10.0.0.9', ...state, zone: undefined, latency: undefined };
    const stock = { name: 'stock', endpoints: () => [endpoint] };
    const other = await aPort({ folder: port.folder, services: [stock as never] });
    try {
      const path = '/services/stock/endpoints';
      expect((await other.admin('GET', path)).body.endpoints).to.deep.equal([{ endpoint: '10.0.0.9', from: 'registry', live: state }]);
      expect((await other.admin('POST', path, 'http://10.0.0.1', { match: await etag() })).body.code).to.equal('conflict');
      expect((await other.admin('DELETE', `${path}/10.0.0.9`, undefined, { match: await etag() })).body.code).to.equal('conflict');
      const drained = await other.admin('PATCH', `${path}/10.0.0.9:80`, { drain: true, weight: 5 }, { match: await etag() });
      expect(drained.body).to.deep.equal({ endpoint: '10.0.0.9', from: 'registry', drain: true, weight: 5, live: state });
      expect(other.reloading.loaded.config.services['stock']?.overrides?.['10.0.0.9']).to.deep.equal({ drain: true, weight: 5 });
      const back = await other.admin('PATCH', `${path}/10.0.0.9`, { drain: null, weight: null }, { match: drained.etag });
      expect([back.status, port.text()]).to.deep.equal([200, FILE]);
    } finally {
      other.close();
    }
  });

  it('adds, replaces, changes and removes services and routes', async () => {
    const put = await port.admin('PUT', '/services/users', { endpoints: ['http://127.0.0.1:4005'] }, { match: await etag() });
    expect([put.status, put.headers.get('location')]).to.deep.equal([201, '/services/users']);
    const again = await port.admin('PUT', '/services/users', { endpoints: ['http://127.0.0.1:4006'] }, { match: put.etag });
    expect(again.status).to.equal(200);
    const route = { name: 'users', match: { path: '/users' }, service: 'users', expose: { public: {} } };
    const wrong = await port.admin(
      'POST',
      '/routes',
      { ...route, expose: { public: { access: 'anonymous' }, private: { callers: ['them'] } } },
      { match: again.etag },
    );
    expect([wrong.status, wrong.body.findings[0].path]).to.deep.equal([422, 'routes[2].expose.private.callers[0]']);
    const open = { ...route, expose: { public: { access: 'anonymous' } } };
    const posted = await port.admin('POST', '/routes', open, { match: again.etag });
    expect([posted.status, posted.body]).to.deep.equal([201, open]);
    expect((await port.admin('POST', '/routes', open, { match: posted.etag })).status).to.equal(409);
    const moved = await port.admin('PATCH', '/routes/users', { match: { path: '/people' } }, { match: posted.etag });
    expect(moved.body.match).to.deep.equal({ path: '/people' });
    expect((await port.admin('PATCH', '/routes/users', { name: 'people' }, { match: moved.etag })).status).to.equal(409);
    const replaced = await port.admin('PUT', '/routes/users', open, { match: moved.etag });
    expect([replaced.status, replaced.body]).to.deep.equal([200, open]);
    const used = await port.admin('DELETE', '/services/users', undefined, { match: replaced.etag });
    expect([used.status, used.body.findings[0].message]).to.deep.equal([
      422,
      'names the service users, which is not declared under services',
    ]);
    const gone = await port.admin('DELETE', '/routes/users', undefined, { match: replaced.etag });
    expect((await port.admin('DELETE', '/services/users', undefined, { match: gone.etag })).status).to.equal(204);
    expect(port.text()).to.equal(FILE);
  });

  it('tells routes that are made of a contract, and leaves them to it', async () => {
    writeFileSync(
      join(port.folder, 'users.yaml'),
      'openapi: 3.1.0\ninfo: { title: users, version: "1" }\npaths:\n  /users: { get: { operationId: list, responses: { "200": { description: ok } } } }\n',
    );
    const service = {
      endpoints: ['http://127.0.0.1:4005'],
      openapi: './users.yaml',
      routesFrom: 'openapi',
      expose: { public: { access: 'anonymous' } },
    };
    const { etag: match } = await port.admin('PUT', '/services/users', service, { match: await etag() });
    const { body } = await port.admin('GET', '/routes');
    expect(body.made.map((made: { service: string; route: { name: string } }) => [made.service, made.route.name])).to.deep.equal([
      ['users', 'users.list'],
    ]);
    expect((await port.admin('GET', '/routes/users.list')).body.operation).to.equal('GET /users');
    const changes: readonly (readonly [string, unknown])[] = [
      ['PATCH', { priority: 'critical' }],
      ['PUT', { match: { path: '/users' }, service: 'users', expose: {} }],
      ['DELETE', undefined],
    ];
    for (const [method, change] of changes) {
      const answer = await port.admin(method, '/routes/users.list', change, { match });
      expect([answer.status, answer.body.code], method).to.deep.equal([409, 'conflict']);
      expect(answer.body.detail).to.include('made of the contract of users');
    }
    expect((await port.admin('POST', '/routes', { ...body.made[0].route, operation: undefined }, { match })).status).to.be.oneOf([
      400, 409,
    ]);
  });

  it('says by place what is wrong with a request, and with what would become of the file', async () => {
    const match = await etag();
    const shape = await port.admin('PATCH', '/services/orders', { timeouts: { attempt: 'long' }, timout: 1 }, { match });
    expect(shape.status).to.equal(400);
    expect(shape.body.errors.map(({ pointer }: { pointer: string }) => pointer)).to.include('#/timout');
    const meaning = await port.admin('PATCH', '/services/orders', { openapi: './missing.yaml' }, { match });
    expect([meaning.status, meaning.body.findings[0].path, meaning.body.findings[0].line]).to.deep.equal([
      422,
      'services.orders.openapi',
      6,
    ]);
    expect((await port.admin('PUT', '/services/a', undefined, { match, raw: '{"a":1,"a":2}' })).status).to.equal(400);
    expect((await port.admin('PUT', '/services/a', undefined, { match, raw: '{' })).status).to.equal(400);
    expect((await port.admin('PUT', '/services/a', {}, { match, headers: { 'Content-Type': 'text/plain' } })).status).to.equal(415);
    expect((await port.admin('PUT', '/services/a', undefined, { match, raw: ' '.repeat(1024 * 1024 + 1) })).status).to.equal(413);
    expect((await port.admin('POST', '/services/orders', {}, { match })).status).to.equal(405);
    expect(port.text()).to.equal(FILE);
  });

  it('says by place what is wrong with the description of a request', async () => {
    const { status, body } = await port.admin('POST', '/explain', { method: '', url: '' });
    expect([status, body.errors.map((fault: { in: string; pointer: string }) => [fault.in, fault.pointer])]).to.deep.equal([
      400,
      [
        ['body', '#/method'],
        ['body', '#/url'],
      ],
    ]);
  });

  it('of a dry run says what would become reachable to whom, and changes nothing', async () => {
    const match = await etag();
    const patch = { expose: { public: { access: 'anonymous' } } };
    const { status, body, etag: tag } = await port.admin('PATCH', '/routes/stock?dryRun', patch, { match });
    expect([status, tag, body.keys, body.wider]).to.deep.equal([200, match, ['routes[1].expose.public'], true]);
    expect(body.changes[0]).to.include({ kind: 'newly-anonymous', gateway: 'public', route: 'stock', wider: true });
    expect((await port.admin('DELETE', '/services/orders?dryRun', undefined, { match })).status).to.equal(422);
    expect((await port.admin('DELETE', '/routes/stock?dryRun', undefined, { match: '"000000000000"' })).status).to.equal(412);
    expect([port.text(), `"${port.reloading.loaded.revision}"`]).to.deep.equal([FILE, match]);
    expect((await port.admin('GET', '/revisions')).body.revisions).to.have.length(1);
  });

  it('keeps revisions, those of an editor too, and goes back to one', async () => {
    const first = await etag();
    const patched = await port.admin('PATCH', '/services/orders', { timeouts: null }, { match: first });
    writeFileSync(port.file, `${port.text()}# by hand\n`);
    await port.admin('POST', '/reload');
    const { body } = await port.admin('GET', '/revisions');
    expect(body.revisions.map(({ cause, note }: { cause: string; note?: string }) => [cause, note])).to.deep.equal([
      ['file', undefined],
      ['api', 'services.orders patched'],
      ['file', undefined],
    ]);
    const oldest = body.revisions[2].revision;
    expect(`"${oldest}"`).to.equal(first);
    const { body: one } = await port.admin('GET', `/revisions/${oldest}`);
    expect(one.changesFromNow).to.deep.equal(['services.orders.timeouts']);
    expect([JSON.stringify(one).includes('a secret'), one.config.private.admin.token]).to.deep.equal([false, '(hidden)']);
    expect((await port.admin('POST', `/revisions/${oldest}/rollback`, undefined, { match: patched.etag })).status).to.equal(412);
    const back = await port.admin('POST', `/revisions/${oldest}/rollback`, undefined, { match: await etag() });
    expect([back.status, back.body.revision, port.text()]).to.deep.equal([200, oldest, FILE]);
    expect((await port.admin('GET', '/revisions')).body.revisions[0]).to.include({ cause: 'rollback', revision: oldest });
    expect(port.reloading.loaded.revision).to.equal(oldest);
  });

  it('shows no secret that stands in the file', async () => {
    await port.admin('PATCH', '/services/orders', { timeouts: null }, { match: await etag() });
    for (const path of ['/config', '/revisions', `/revisions/${port.reloading.loaded.revision}`, '/services', '/routes'])
      expect((await port.admin('GET', path)).text, path).not.to.include('a secret of');
    const { body, text } = await port.admin('GET', '/config');
    expect([body.config.private.admin.token, text.includes('a secret of')]).to.deep.equal(['(hidden)', false]);
    expect(body).to.include({ revision: port.reloading.loaded.revision, inForce: port.reloading.loaded.revision });
  });

  it('shows none of those that routes and services hold either, and takes what it hid for what is there', async () => {
    const secrets = ['s3cret-a', 's3cret-b', 's3cret-c', 's3cret-d', 's3cret-e', 's3cret-f-long-enough'];
    const route = {
      ...{ name: 'keys', match: { path: '/keys', headers: { 'x-api-key': secrets[0] } }, service: 'orders' },
      expose: { public: { access: 'anonymous' } },
      filters: [
        { setRequestHeader: { authorization: `Bearer ${secrets[1]}`, 'x-team': 'us', 'x-auth': `\${TOKEN:-}` } },
        { addRequestHeader: { cookie: secrets[2], 'x-upstream': `basic ${secrets[3]}` } },
        { setResponseHeader: { 'x-back': `https://me:${secrets[4]}@back.example/` } },
      ],
    };
    writeFileSync(
      port.file,
      FILE.replace('routes:\n', `routes:\n  - ${JSON.stringify(route)}\n`).replace('a secret of this file', secrets[5] ?? ''),
    );
    await port.admin('POST', '/reload');
    const answers = [];
    for (const path of ['/config', '/routes', '/routes/keys', '/services', '/revisions', `/revisions/${port.reloading.loaded.revision}`])
      answers.push(await port.admin('GET', path));
    const shown = (await port.admin('GET', '/routes/keys')).body;
    expect([shown.match.headers, shown.filters[0].setRequestHeader]).to.deep.equal([
      { 'x-api-key': '(hidden)' },
      { authorization: '(hidden)', 'x-team': 'us', 'x-auth': `\${TOKEN:-}` },
    ]);
    expect(shown.filters[2].setResponseHeader['x-back']).to.equal('https://(hidden)@back.example/');
    // Changed beside a secret, and in another place of its list.
    const changed = { ...shown, filters: [shown.filters[1], shown.filters[0], shown.filters[2]], service: 'stock' };
    answers.push(await port.admin('PUT', '/routes/keys?dryRun', changed, { match: await etag() }));
    answers.push(await port.admin('PUT', '/routes/keys', changed, { match: await etag() }));
    const { routes } = written(port.text()) as { routes: object[] };
    expect(routes[0]).to.deep.equal({ ...route, filters: [route.filters[1], route.filters[0], route.filters[2]], service: 'stock' });
    answers.push(await port.admin('PATCH', '/routes/keys', { filters: [...changed.filters, 'secureHeaders'] }, { match: await etag() }));
    const strange = { setRequestHeader: { authorization: '(hidden)' } };
    const refused = await port.admin('PATCH', '/routes/orders', { filters: [strange] }, { match: await etag() });
    expect([refused.status, refused.body.detail]).to.deep.equal([
      409,
      'routes[1].filters[0].setRequestHeader.authorization has (hidden), which stands for nothing that is there: say it in full',
    ]);
    for (const { text } of [...answers, refused]) for (const secret of secrets) expect(text).not.to.include(secret);
    for (const secret of secrets) expect(port.text()).to.include(secret);
  });

  it('reads the file anew when it is told to', async () => {
    writeFileSync(port.file, FILE.replace('2s', '3s'));
    const { status, body } = await port.admin('POST', '/reload');
    expect([status, body.changed, port.reloading.loaded.config.services['orders']?.timeouts.attempt]).to.deep.equal([200, true, 3000]);
    writeFileSync(port.file, 'services: 7\n');
    expect((await port.admin('POST', '/reload')).body.findings.map(({ path }: { path: string }) => path)).to.include('services');
  });

  it('reads, tries and remembers where it may not write, and says so of a change', async () => {
    const match = await etag();
    // Root may write everywhere.
    const isRoot = process.geteuid?.() === 0;
    mkdirSync(join(port.folder, '.postern'), { mode: 0o777 });
    chmodSync(join(port.folder, '.postern'), 0o777);
    chmodSync(port.folder, 0o555);
    if (isRoot) process.seteuid?.(65_534);
    try {
      const { status, body } = await port.admin('PATCH', '/services/orders', { timeouts: null }, { match });
      expect([status, body.code]).to.deep.equal([409, 'read-only']);
      expect(body.detail).to.include('may not write');
      expect((await port.admin('PATCH', '/services/orders?dryRun', { timeouts: null }, { match })).body.keys).to.deep.equal([
        'services.orders.timeouts',
      ]);
      expect((await port.admin('GET', '/revisions')).body.revisions).to.have.length(1);
    } finally {
      if (isRoot) process.seteuid?.(0);
      chmodSync(port.folder, 0o755);
    }
    expect([port.text(), `"${port.reloading.loaded.revision}"`]).to.deep.equal([FILE, match]);
  });

  it('leads out of a file that somebody broke, and keeps what he wrote', async () => {
    await port.admin('PATCH', '/services/orders', { timeouts: null }, { match: await etag() });
    const { revision } = port.reloading.loaded;
    const text = port.text();
    const broken = `${text}broken: [\n`;
    writeFileSync(port.file, broken);
    const told = await port.admin('GET', '/config');
    expect([told.status, told.etag === undefined]).to.deep.equal([422, false]);
    const { body, etag: now } = await port.admin('GET', '/revisions');
    expect([body.revision === revision, body.inForce, now]).to.deep.equal([false, revision, told.etag]);
    expect((await port.admin('PUT', '/services/new', { endpoints: ['http://a'] }, { match: now })).status).to.equal(422);
    expect((await port.admin('POST', `/revisions/${revision}/rollback?dryRun`, undefined, { match: now })).status).to.equal(200);
    const back = await port.admin('POST', `/revisions/${revision}/rollback`, undefined, { match: now });
    expect([back.status, port.text()]).to.deep.equal([200, text]);
    // It can be had again, but neither shown nor gone back to.
    expect((await port.admin('GET', `/revisions/${body.revision}`)).status).to.equal(422);
    const again = await port.admin('POST', `/revisions/${body.revision}/rollback`, undefined, { match: await etag() });
    expect([again.status, port.text(), port.logged]).to.deep.equal([422, text, []]);
  });

  it('does not write over what is no YAML', async () => {
    const match = await etag();
    writeFileSync(port.file, 'services: [');
    const broken = await port.admin('PATCH', '/services/orders', { timeouts: null }, { match });
    expect([broken.status, port.text()]).to.deep.equal([412, 'services: [']);
    const told = await port.admin('GET', '/services');
    expect([told.status, told.body.findings[0].message.slice(0, 10)]).to.deep.equal([422, 'is no YAML']);
    rmSync(port.file);
    expect((await port.admin('GET', '/services')).status).to.equal(409);
    expect(port.logged).to.deep.equal([]);
  });
});
