import { expect } from 'chai';
import type { TestGateway } from '../support/gateways.ts';
import type { Upstream } from '../support/upstream.ts';
import { ask } from './support/ask.ts';
import { serversOfThisSuite } from './support/servers.ts';

describe('A route of the private gateway admits only the callers it names', () => {
  const servers = serversOfThisSuite();
  let upstream: Upstream;
  let gateway: TestGateway;

  before(async () => {
    upstream = await servers.upstream();
    const route = (name: string, expose: object) => ({ name, match: { pathPrefix: `/${name}` }, service: 'upstream', expose });
    gateway = await servers.private({
      services: { upstream: { endpoints: [upstream.url] } },
      routes: [
        route('orders', { private: { callers: ['shop'] } }),
        route('billing', { private: { callers: ['shop', 'orders'] } }),
        route('outside', { public: { access: 'anonymous' } }),
      ],
      private: { callers: { shop: { from: ['127.0.0.2'] }, orders: { from: ['127.0.0.3'] } } },
    });
  });

  const statusOf = async (target: string, from: string, method?: string) =>
    (await ask(gateway.port, target, { from, ...(method ? { method } : {}) })).status;

  it('the named pass, each where it is named', async () => {
    expect(await statusOf('/orders', '127.0.0.2')).to.equal(200);
    expect(await statusOf('/billing', '127.0.0.2')).to.equal(200);
    expect(await statusOf('/billing', '127.0.0.3')).to.equal(200);
  });

  it('another caller is forbidden, by every method, and the service hears nothing of it', async () => {
    const before = upstream.requests.length;
    for (const method of ['GET', 'HEAD', 'POST', 'OPTIONS', 'DELETE'])
      expect(await statusOf('/orders/1', '127.0.0.3', method)).to.equal(403);
    const answer = await ask(gateway.port, '/orders', { from: '127.0.0.3' });
    expect(answer.json()).to.include({ code: 'forbidden', detail: 'This caller may not use the route orders.' });
    expect(upstream.requests.length).to.equal(before);
  });

  it('no path to a route leads around its list', async () => {
    for (const target of ['//orders', '/billing/../orders', '/%6frders', '/./orders', '/orders/', 'http://shop.example/orders'])
      expect(await statusOf(target, '127.0.0.3'), target).to.be.oneOf([400, 403, 404]);
  });

  it('a preflight is a request like any other', async () => {
    const headers = { origin: 'https://a.example', 'access-control-request-method': 'GET' };
    expect((await ask(gateway.port, '/orders', { method: 'OPTIONS', from: '127.0.0.3', headers })).status).to.equal(403);
  });

  it('what is exposed outside only is not there', async () => {
    expect(await statusOf('/outside', '127.0.0.2')).to.equal(404);
  });

  it('a stranger learns nothing of what there is', async () => {
    const answers = await Promise.all(['/orders', '/missing'].map((target) => ask(gateway.port, target, { from: '127.0.0.9' })));
    expect(answers.map(({ status }) => status)).to.deep.equal([403, 403]);
    expect(answers.map((answer) => answer.json()['detail'])).to.deep.equal(Array(2).fill('No caller is configured for 127.0.0.9.'));
  });
});
