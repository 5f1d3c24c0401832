import { expect } from 'chai';
import type { TestGateway } from '../support/gateways.ts';
import { ask } from './support/ask.ts';
import { post, type Remembered, remembered, told } from './support/asking-why.ts';
import { eventually } from './support/eventually.ts';
import { serversOfThisSuite } from './support/servers.ts';
import { as, jwt } from './support/tokens.ts';

describe('A refused request can be asked about', () => {
  const servers = serversOfThisSuite();
  let gateway: TestGateway;
  let good: { url: string; port: number };

  before(async () => {
    const upstream = await servers.upstream((req, res) => {
      req.resume();
      res.writeHead(req.url === '/api/broken' ? 500 : 200).end();
    });
    good = upstream;
    const cut = await servers.rawUpstream((socket) => void socket.destroy());
    gateway = await servers.public({
      services: {
        upstream: { endpoints: [upstream.url] },
        cut: { endpoints: [cut.url], retry: { backoff: { base: '1ms', max: '1ms' } } },
      },
      routes: [
        { name: 'api', match: { pathPrefix: '/api' }, service: 'upstream', expose: { public: { access: 'anonymous' } } },
        { name: 'cut', match: { pathPrefix: '/cut' }, service: 'cut', expose: { public: { access: 'anonymous' } } },
        { name: 'orders', match: { pathPrefix: '/orders' }, service: 'upstream', expose: { public: { scopes: ['orders:read'] } } },
        {
          name: 'once',
          match: { pathPrefix: '/once' },
          service: 'upstream',
          expose: { public: { access: 'anonymous', rateLimit: '1/h' } },
        },
      ],
      public: { jwt },
    });
  });

  /** Sends it, and what is told of it by the id of the answer. */
  async function story(target: string, headers: Record<string, string> = {}): Promise<Remembered> {
    const answer = await ask(gateway.port, target, { headers });
    const id = answer.header('x-request-id') ?? '';
    const found = await eventually(
      () => remembered(gateway, `/requests/${id}`),
      (requests) => requests?.length === 1,
    );
    const [one] = found;
    if (!one) throw new Error('it is forgotten');
    expect(one.id).to.equal(id);
    return one;
  }

  it('by its id, with the step that decided', async () => {
    const one = await story('/orders/7', await as('ada'));
    expect(one).to.include({
      code: 'insufficient-scope',
      status: 403,
      route: 'orders',
      user: 'ada',
      method: 'GET',
      target: '/orders/7',
      client: '127.0.0.1',
    });
    expect(one.explanation).to.include({ decidedBy: 'authorize', code: 'insufficient-scope', allowed: false });
    expect(one.explanation?.steps.map(({ step }) => step)).to.include.members(['canonicalPath', 'matchRoute', 'authenticate']);
    expect(one.note).to.equal(undefined);
  });

  it('one that no route took', async () => {
    expect((await story('/nowhere')).explanation).to.include({ decidedBy: 'matchRoute', code: 'no-route' });
  });

  it('one whose token was refused, with the reason that the client is not told', async () => {
    const one = await story('/orders/7', { authorization: 'Bearer a.b.c' });
    expect(one.code).to.equal('invalid-token');
    expect(one['cause']).to.be.a('string');
    expect(one.note).to.match(/^It was answered with invalid-token/);
  });

  it('one whose service failed: each try, where and how, and how long it took', async () => {
    const one = await story('/cut/a');
    expect(one).to.include({ code: 'connection-terminated', status: 502, service: 'cut' });
    const attempts = one['attempts'] as { endpoint: string; outcome: string; startedAtMs: number; tookMs: number }[];
    expect(attempts.map(({ outcome }) => outcome)).to.deep.equal(['connection-terminated', 'connection-terminated']);
    expect(attempts[0]?.endpoint).to.match(/^127\.0\.0\.1:\d+$/);
    const [first, second] = attempts;
    expect((first?.startedAtMs ?? 0) + (first?.tookMs ?? 0)).to.be.at.most((second?.startedAtMs ?? 0) + 0.002);
    expect(one.explanation).to.include({ decidedBy: 'forward', allowed: true, path: '/cut/a' });
    expect(one.note).to.equal(undefined);
  });

  it('one that the service itself answered with a 5xx', async () => {
    const one = await story('/api/broken');
    expect(one).to.include({ status: 500, service: 'upstream' });
    expect(one.code).to.equal(undefined);
    expect((one['attempts'] as { outcome: string; endpoint: string }[])[0]).to.include({
      outcome: '500',
      endpoint: `127.0.0.1:${good.port}`,
    });
  });

  it('one whose quota was spent, and its explanation counts nothing', async () => {
    await ask(gateway.port, '/once');
    const one = await story('/once');
    expect(one.explanation).to.include({ decidedBy: 'rateLimit', code: 'rate-limited' });
    expect(one.explanation?.quota).to.include({ policy: 'once', key: 'address:127.0.0.1', limit: 1, left: 0 });
  });

  it('and all that have the same id, for clients may bring one', async () => {
    await ask(gateway.port, '/nowhere/1', { headers: { 'x-request-id': 'twice' } });
    await ask(gateway.port, '/nowhere/2', { headers: { 'x-request-id': 'twice' } });
    const found = await eventually(
      () => remembered(gateway, '/requests/twice'),
      (requests) => requests?.length === 2,
    );
    expect(found.map(({ target }) => target)).to.deep.equal(['/nowhere/2', '/nowhere/1']);
  });

  it('of many with the same id the newest with what every step decides', async () => {
    for (let nth = 0; nth < 12; nth += 1) await ask(gateway.port, `/nowhere/${nth}`, { headers: { 'x-request-id': 'same' } });
    const found = await eventually(
      () => remembered(gateway, '/requests/same'),
      (requests) => requests?.length === 12,
    );
    expect(found.map(({ explanation }) => explanation?.code)).to.deep.equal([...Array(10).fill('no-route'), undefined, undefined]);
    expect(found[11]?.note).to.equal('Only the newest 10 of an id are explained.');
  });

  it('but not one that went well, nor one that never was', async () => {
    await ask(gateway.port, '/api/fine', { headers: { 'x-request-id': 'well' } });
    await story('/nowhere');
    for (const id of ['well', 'never', '%zz']) {
      const { status, body } = await told(gateway, `/requests/${id}`);
      expect(status, id).to.be.oneOf([400, 404]);
      if (id !== '%zz') expect(body).to.include({ status: 404, title: 'Not found' });
    }
  });

  it('but for those that flood in, which are counted and push nothing else out', async () => {
    await ask(gateway.port, '/cut/before', { headers: { 'x-request-id': 'before' } });
    const passedOver = async () => (await told(gateway, '/requests')).body['passedOver'] as number;
    const before = await passedOver();
    const flood = () => Promise.all(Array.from({ length: 100 }, () => ask(gateway.port, '/once')));
    expect(
      await eventually(
        () => flood().then(passedOver),
        (now) => now > before,
      ),
    ).to.be.above(before);
    expect(await remembered(gateway, '/requests/before')).to.have.lengthOf(1);
  });

  it('in a list, the newest first, of a route, a code, a user', async () => {
    await story('/nowhere/last');
    const all = await remembered(gateway, '/requests');
    expect(all[0]).to.include({ target: '/nowhere/last', code: 'no-route' });
    const only = async (query: string, key: string) => new Set((await remembered(gateway, `/requests?${query}`)).map((one) => one[key]));
    expect([...(await only('route=cut', 'route'))]).to.deep.equal(['cut']);
    expect([...(await only('code=no-route', 'code'))]).to.deep.equal(['no-route']);
    expect([...(await only('code=500', 'status'))]).to.deep.equal([500]);
    expect([...(await only('user=ada', 'user'))]).to.deep.equal(['ada']);
    expect(await remembered(gateway, '/requests?limit=2')).to.have.lengthOf(2);
    for (const limit of ['0', '1001', 'x', '', '0x10', '1e2', '-1'])
      expect((await told(gateway, `/requests?limit=${limit}`)).status, limit).to.equal(400);
  });

  it('and what will be asked wrongly is refused with all that is wrong', async () => {
    const faults = async (description: object) => {
      const { status, body } = await post(gateway, description);
      expect(status).to.equal(400);
      return (body['errors'] as { pointer: string }[]).map(({ pointer }) => pointer);
    };
    expect(await faults({ method: 'GET', url: '/', as: [], more: 1 })).to.have.members(['#/more', '#/as']);
    expect(await faults({ method: 'G T', url: 'orders', headers: { 'a b': 'c' }, from: 'here' })).to.have.members([
      '#/method',
      '#/url',
      '#/from',
      '#/headers',
    ]);
    expect((await post(gateway, '{')).status).to.equal(400);
    expect((await post(gateway, [])).status).to.equal(400);
    expect((await post(gateway, { method: 'GET', url: '/' }, 'text/plain')).status).to.equal(415);
    expect((await post(gateway, { method: 'GET', url: `/${'a'.repeat(1_100_000)}` })).status).to.equal(413);
  });
});
