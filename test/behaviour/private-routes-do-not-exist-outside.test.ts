import { expect } from 'chai';
import type { TestGateway } from '../support/gateways.ts';
import type { Upstream } from '../support/upstream.ts';
import { type Answer, type Asking, ask } from './support/ask.ts';
import { serversOfThisSuite } from './support/servers.ts';
import { as, jwt } from './support/tokens.ts';

describe('Outside, a private route is indistinguishable from one that does not exist', () => {
  const servers = serversOfThisSuite();
  let upstream: Upstream;
  let gateway: TestGateway;

  before(async () => {
    upstream = await servers.upstream();
    const service = 'upstream';
    const callers = ['shop'];
    gateway = await servers.public({
      services: { upstream: { endpoints: [upstream.url] }, hidden: { endpoints: ['http://127.0.0.1:1'] } },
      routes: [
        { name: 'inside', match: { pathPrefix: '/inside' }, service, expose: { private: { callers } } },
        { name: 'inside-id', match: { path: '/items/{id}' }, service, expose: { private: { callers } } },
        { name: 'inside-host', match: { pathPrefix: '/', hosts: ['inside.example'] }, service, expose: { private: { callers } } },
        { name: 'inside-service', match: { pathPrefix: '/hidden' }, service: 'hidden', expose: { private: { callers } } },
        { name: 'read', match: { pathPrefix: '/mixed', methods: ['GET'] }, service, expose: { public: { access: 'anonymous' } } },
        { name: 'write', match: { pathPrefix: '/mixed', methods: ['PUT', 'DELETE'] }, service, expose: { private: { callers } } },
        { name: 'open', match: { pathPrefix: '/open' }, service, expose: { public: { access: 'anonymous' } } },
      ],
      public: { jwt, rateLimit: '1000/s', cors: { origins: ['https://a.example'] } },
      private: { callers: { shop: { from: ['127.0.0.1'] } } },
    });
  });

  /** All that a client sees but what differs in any two answers. */
  const seen = ({ status, headers, body }: Answer) => {
    const { date: _date, 'x-request-id': ids = [], ...rest } = headers;
    const text = body.replaceAll(String(ids[0]), 'ID');
    return { status, order: Object.keys(headers), rest: { ...rest, 'content-length': 'as the body' }, text, length: body.length };
  };
  const compare = async (target: string, asking: Asking = {}): Promise<void> => {
    const missing = target.replace('/inside', '/absent').replace('/items', '/stems').replace('/hidden', '/absent');
    const [one, other] = [await ask(gateway.port, target, asking), await ask(gateway.port, missing, asking)];
    expect(one.status, target).to.equal(404);
    expect(seen(one), `${asking.method ?? 'GET'} ${target}`).to.deep.equal(seen(other));
  };

  it('by any method, with or without a body', async () => {
    for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'PROPFIND'])
      for (const target of ['/inside', '/inside/1', '/items/7', '/hidden']) await compare(target, { method });
    await compare('/inside', { method: 'POST', body: '{"a":1}' });
    await compare('/inside', { method: 'POST', headers: { expect: '100-continue', 'content-length': '5' } });
  });

  it('with a token, a bad token, or an origin', async () => {
    await compare('/inside', { headers: await as('ada') });
    await compare('/inside', { headers: { authorization: 'Bearer nonsense' } });
    await compare('/inside', { headers: { origin: 'https://a.example' } });
    const preflight = { origin: 'https://a.example', 'access-control-request-method': 'GET' };
    await compare('/inside', { method: 'OPTIONS', headers: preflight });
  });

  it('by an upgrade, and by a query', async () => {
    await compare('/inside', { headers: { upgrade: 'websocket', connection: 'Upgrade', 'sec-websocket-version': '13' } });
    await compare('/inside?x=1');
  });

  it('by its host', async () => {
    const [one, other] = [
      await ask(gateway.port, '/', { headers: { host: 'inside.example' } }),
      await ask(gateway.port, '/', { headers: { host: 'absent.example' } }),
    ];
    expect(seen(one)).to.deep.equal(seen(other));
  });

  it('in Allow, which lists the methods of outside only', async () => {
    for (const method of ['PUT', 'POST', 'DELETE', 'OPTIONS']) {
      const answer = await ask(gateway.port, '/mixed', { method });
      expect([answer.status, answer.header('allow')]).to.deep.equal([405, 'GET, HEAD']);
    }
  });

  it('and its service never hears of it', () => {
    expect(upstream.requests.length).to.equal(0);
  });
});
