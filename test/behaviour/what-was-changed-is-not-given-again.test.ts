import { expect } from 'chai';
import { ADMIN_TOKEN, open } from '../support/gateways.ts';
import { ask } from './support/ask.ts';
import { type Counting, counting, give } from './support/counting.ts';
import { eventually } from './support/eventually.ts';
import { serversOfThisSuite } from './support/servers.ts';

describe('what was changed is not given again', () => {
  const servers = serversOfThisSuite();
  let service: Counting;
  beforeEach(async () => {
    service = await counting(servers, { 'Cache-Control': 'max-age=60' });
  });

  /** Reading and writing are two routes, as they often are. */
  const started = async () => {
    const given = open(service.url, { route: { name: 'read', match: { pathPrefix: '/', methods: ['GET'] }, cache: {} } });
    const write = { ...given.routes?.[0], name: 'write', match: { pathPrefix: '/', methods: ['POST', 'PUT', 'DELETE'] }, cache: undefined };
    return servers.public({ ...given, routes: [...(given.routes ?? []), JSON.parse(JSON.stringify(write))] });
  };
  const isStored = async (port: number, target: string) =>
    (await ask(port, target, { headers: { 'cache-control': 'only-if-cached' } })).status === 200;

  it('once the service took the change, through whichever route, with whichever query', async () => {
    const gateway = await started();
    for (const target of ['/orders', '/orders?page=2', '/orders/1', '/users']) await ask(gateway.port, target);
    await ask(gateway.port, '/orders', { method: 'POST', body: '{}' });
    const stored = [];
    for (const target of ['/orders', '/orders?page=2', '/orders/1', '/users']) stored.push(await isStored(gateway.port, target));
    expect(stored).to.deep.equal([false, false, true, true]);
  });

  it('nor where the service says that it is, or will be found, on the same host', async () => {
    const gateway = await started();
    for (const target of ['/orders/1', '/orders/2', '/orders/3']) await ask(gateway.port, target);
    const places = { Location: '/orders/1', 'Content-Location': 'http://shop.example/./orders/2' };
    service.answer = (_, res) => give(res, places, '', 201);
    await ask(gateway.port, '/orders', { method: 'POST', body: '{}' });
    expect([await isStored(gateway.port, '/orders/1'), await isStored(gateway.port, '/orders/2')]).to.deep.equal([false, false]);
    service.answer = (_, res) => give(res, { Location: 'http://other.example/orders/3' }, '', 201);
    await ask(gateway.port, '/orders', { method: 'POST', body: '{}' });
    expect(await isStored(gateway.port, '/orders/3')).to.equal(true);
  });

  it('but it is when the service refused the change', async () => {
    const gateway = await started();
    await ask(gateway.port, '/orders');
    service.answer = (_, res) => give(res, {}, '', 409);
    await ask(gateway.port, '/orders', { method: 'PUT', body: '{}' });
    expect(await isStored(gateway.port, '/orders')).to.equal(true);
    // Nobody knows what became of this one.
    service.answer = (req) => req.socket.destroy();
    await ask(gateway.port, '/orders', { method: 'POST', body: '{}' });
    expect(await isStored(gateway.port, '/orders')).to.equal(false);
  });

  it('nor is what was read before the change and comes after it', async () => {
    const gateway = await started();
    let finish: (() => void) | undefined;
    service.answer = (_, res) => {
      finish = () => give(res, { 'Cache-Control': 'max-age=60' }, 'old');
    };
    const reading = ask(gateway.port, '/orders');
    await eventually(
      () => finish,
      (one) => one !== undefined,
    );
    service.answer = (_, res) => give(res, {}, 'changed');
    await ask(gateway.port, '/orders', { method: 'PUT', body: '{}' });
    finish?.();
    expect((await reading).body).to.equal('old');
    expect(await isStored(gateway.port, '/orders')).to.equal(false);
  });

  it('nor what came while the change was under way, although nothing was stored when it began', async () => {
    const gateway = await started();
    let finish: (() => void) | undefined;
    service.answer = (req, res) => {
      if (req.method === 'GET') give(res, { 'Cache-Control': 'max-age=60' }, 'old');
      else finish = () => give(res, {}, 'changed');
    };
    const changing = ask(gateway.port, '/orders', { method: 'PUT', body: '{}' });
    await eventually(
      () => finish,
      (one) => one !== undefined,
    );
    await ask(gateway.port, '/orders');
    expect(await isStored(gateway.port, '/orders')).to.equal(true);
    finish?.();
    await changing;
    expect(await isStored(gateway.port, '/orders')).to.equal(false);
  });

  it('but it is when no service saw the change', async () => {
    const gateway = await started();
    await ask(gateway.port, '/orders');
    await service.close();
    expect((await ask(gateway.port, '/orders', { method: 'PUT', body: '{}' })).json()['code']).to.equal('connection-refused');
    expect(await isStored(gateway.port, '/orders')).to.equal(true);
  });

  describe('nor what an operator purges', () => {
    const purge = async (admin: string, asked: unknown, type = 'application/json') => {
      const body = typeof asked === 'string' ? asked : JSON.stringify(asked);
      const headers = { 'content-type': type, authorization: `Bearer ${ADMIN_TOKEN}` };
      const answer = await fetch(`${admin}/cache/purge`, { method: 'POST', headers, body });
      return [answer.status, await answer.json()];
    };

    it('by URL, by route, or whole', async () => {
      const gateway = await started();
      const fill = async () => {
        for (const target of ['/a', '/a?x=1', '/b']) await ask(gateway.port, target);
      };
      await fill();
      expect(await purge(gateway.admin, { url: 'http://SHOP.example/./a?x=1' })).to.deep.equal([200, { purged: 1 }]);
      expect(await isStored(gateway.port, '/a')).to.equal(true);
      await fill();
      expect(await purge(gateway.admin, { url: 'http://shop.example/a' })).to.deep.equal([200, { purged: 2 }]);
      await fill();
      expect(await purge(gateway.admin, { route: 'write' })).to.deep.equal([200, { purged: 0 }]);
      expect(await purge(gateway.admin, { route: 'read' })).to.deep.equal([200, { purged: 3 }]);
      await fill();
      expect(await purge(gateway.admin, { all: true })).to.deep.equal([200, { purged: 3 }]);
      expect(await isStored(gateway.port, '/b')).to.equal(false);
    });

    it('by whatever a client may write for it', async () => {
      const given = open(service.url, { route: { cache: { key: { query: ['q'] } } } });
      const gateway = await servers.public(given);
      for (const [target, host, url] of [
        ['/p?q=1', 'shop.example', 'http://shop.example/p?utm=2&q=1'],
        ["/p?q='a'", 'shop.example', "http://shop.example/p?q='a'#there"],
        ['/p', 'shop.example:80', 'http://shop.example/p'],
        ['/p', 'SHOP.example.', 'http://shop.example/p'],
      ] as const) {
        await ask(gateway.port, target, { headers: { host } });
        expect(await purge(gateway.admin, { url }), url).to.deep.equal([200, { purged: 1 }]);
      }
    });

    it('in a request that can be read, and that no page in a browser can send', async () => {
      const gateway = await started();
      for (const asked of [
        '',
        '[]',
        'null',
        '{}',
        '{"route":1}',
        '{"route":"read","all":true}',
        '{"url":"/a"}',
        '{"url":"http://a/%2f"}',
        '{',
      ])
        expect((await purge(gateway.admin, asked))[0], asked).to.equal(400);
      expect((await purge(gateway.admin, { all: true }, 'text/plain'))[0]).to.equal(415);
      expect((await purge(gateway.admin, { route: 'x'.repeat(1024 * 1024) }))[0]).to.equal(413);
      expect((await fetch(`${gateway.admin}/cache/purge`)).status).to.equal(405);
    });
  });
});
