import { expect } from 'chai';
import type { TestGateway } from '../support/gateways.ts';
import { type Answer, type Asking, ask } from './support/ask.ts';
import { serversOfThisSuite } from './support/servers.ts';
import { as, jwt } from './support/tokens.ts';

describe('Every failure is a problem document (RFC 9457)', () => {
  const servers = serversOfThisSuite();
  let gateway: TestGateway;

  before(async () => {
    const route = (name: string, exposure: object, service = 'fine') => ({
      name,
      match: { pathPrefix: `/${name}`, methods: ['GET', 'POST'] },
      service,
      expose: { public: exposure },
    });
    gateway = await servers.public({
      services: { fine: { endpoints: [(await servers.upstream()).url] }, down: { endpoints: ['http://127.0.0.1:1'] } },
      routes: [
        route('mine', {}),
        route('scoped', { scopes: ['admin'] }),
        route('claimed', { claims: { team: ['a'] } }),
        route('open', { access: 'anonymous' }),
        route('down', { access: 'anonymous' }, 'down'),
      ],
      public: { jwt, limits: { body: '8B' } },
    });
  });

  /** Request, status, code, and whether a proxy error (RFC 9209) belongs to it. */
  const cases = async (): Promise<[string, Asking, number, string, string | undefined][]> => [
    ['/nothing', {}, 404, 'no-route', undefined],
    ['/open', { method: 'DELETE' }, 405, 'method-not-allowed', undefined],
    ['/mine', {}, 401, 'unauthenticated', undefined],
    ['/mine', { headers: { authorization: 'Bearer x' } }, 401, 'invalid-token', undefined],
    ['/scoped', { headers: await as('ada') }, 403, 'insufficient-scope', 'http_request_denied'],
    ['/claimed', { headers: await as('ada') }, 403, 'forbidden', 'http_request_denied'],
    ['/open', { method: 'POST', body: '123456789' }, 413, 'body-too-large', 'http_request_error'],
    [`/open/${'x'.repeat(9000)}`, {}, 414, 'target-too-long', 'http_request_error'],
    ['/open', { headers: { host: 'a@b' } }, 400, 'invalid-host', 'http_request_error'],
    ['/open/%2e%2e%2f', {}, 400, 'ambiguous-target', 'http_request_error'],
    ['/open', { method: 'TRACE' }, 501, 'not-implemented', 'http_request_error'],
    ['/down', {}, 502, 'connection-refused', 'connection_refused'],
  ];

  const expectProblem = (answer: Answer, status: number, code: string, proxyError: string | undefined) => {
    const problem = answer.json();
    const id = answer.header('x-request-id');
    expect([answer.status, problem['status'], problem['code']]).to.deep.equal([status, status, code]);
    expect(problem).to.include({ type: `urn:problem-type:${code}`, instance: `urn:request:${id}`, requestId: id });
    expect(problem['title']).to.be.a('string').with.length.above(5);
    expect(answer.header('content-type')).to.equal('application/problem+json');
    expect(answer.header('content-length')).to.equal(String(answer.body.length));
    expect(answer.header('cache-control')).to.equal('no-store');
    expect(answer.header('x-content-type-options')).to.equal('nosniff');
    expect(answer.header('proxy-status')).to.equal(proxyError && `public-gateway; error=${proxyError}`);
    expect(answer.headers).to.not.have.any.keys('server', 'x-powered-by');
  };

  it('with its type, title, status and instance, and our code and request id', async () => {
    for (const [target, asking, status, code, proxyError] of await cases())
      expectProblem(await ask(gateway.port, target, asking), status, code, proxyError);
  });

  it('the answer to HEAD is that of GET without the document', async () => {
    for (const target of ['/nothing', '/mine', '/down']) {
      const headers = { 'x-request-id': 'the-same' };
      const [get, head] = [await ask(gateway.port, target, { headers }), await ask(gateway.port, target, { method: 'HEAD', headers })];
      expect(head.body).to.equal('');
      const { date: _get, ...ofGet } = get.headers;
      const { date: _head, ...ofHead } = head.headers;
      expect([head.status, ofHead]).to.deep.equal([get.status, ofGet]);
    }
  });

  it('each says what its status demands', async () => {
    expect((await ask(gateway.port, '/mine')).header('www-authenticate')).to.equal('Bearer realm="public-gateway"');
    expect((await ask(gateway.port, '/open', { method: 'DELETE' })).header('allow')).to.equal('GET, HEAD, POST');
    const forbidden = await ask(gateway.port, '/scoped', { headers: await as('ada') });
    expect(forbidden.header('www-authenticate')).to.equal('Bearer error="insufficient_scope", scope="admin"');
  });
});
