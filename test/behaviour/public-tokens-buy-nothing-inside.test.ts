import { expect } from 'chai';
import type { TestGateway } from '../support/gateways.ts';
import { ask } from './support/ask.ts';
import { serversOfThisSuite } from './support/servers.ts';
import { as, jwt } from './support/tokens.ts';

describe('A public token buys nothing inside', () => {
  const servers = serversOfThisSuite();
  let outside: TestGateway;
  let inside: TestGateway;

  before(async () => {
    const upstream = await servers.upstream();
    const given = {
      services: { upstream: { endpoints: [upstream.url] } },
      routes: [
        { name: 'both', match: { pathPrefix: '/both' }, service: 'upstream', expose: { public: {}, private: { callers: ['shop'] } } },
        {
          name: 'other',
          match: { pathPrefix: '/other' },
          service: 'upstream',
          expose: { public: {}, private: { callers: ['nobody-here'] } },
        },
      ],
      public: { jwt },
      private: { callers: { shop: { from: ['127.0.0.2'] }, 'nobody-here': { from: ['192.0.2.1'] } } },
    };
    [outside, inside] = await Promise.all([servers.public(given), servers.private(given)]);
  });

  it('it is good outside', async () => {
    expect((await ask(outside.port, '/both', { headers: await as('ada') })).status).to.equal(200);
    expect((await ask(outside.port, '/other', { headers: await as('ada') })).status).to.equal(200);
  });

  it('inside it makes nobody a caller', async () => {
    const answer = await ask(inside.port, '/both', { from: '127.0.0.9', headers: await as('ada') });
    expect([answer.status, answer.json()['code']]).to.deep.equal([403, 'unknown-caller']);
  });

  it('nor opens a route to a caller that it does not name', async () => {
    const answer = await ask(inside.port, '/other', { from: '127.0.0.2', headers: await as('ada') });
    expect([answer.status, answer.json()['code']]).to.deep.equal([403, 'forbidden']);
  });

  it('a caller passes whatever it says of users, and the token goes on untouched', async () => {
    for (const authorization of ['Bearer not.a.token', 'Basic YTpi', (await as('ada')).authorization]) {
      const answer = await ask(inside.port, '/both', { from: '127.0.0.2', headers: { authorization } });
      expect(answer.status).to.equal(200);
      expect(answer.json()['headers']).to.include({ authorization, 'x-gateway-caller': 'shop' }).and.not.have.property('x-user-id');
    }
  });

  it('and no user can say that he is a caller', async () => {
    const headers = { ...(await as('ada')), 'x-gateway-caller': 'shop', 'X-Gateway-Anything': '1', x_gateway_caller: 'shop' };
    const seen = (await ask(outside.port, '/both', { headers })).json()['headers'];
    expect(seen).to.not.have.any.keys('x-gateway-caller', 'x-gateway-anything', 'x_gateway_caller');
    const inner = (await ask(inside.port, '/both', { from: '127.0.0.2', headers: { 'x-gateway-caller': 'billing' } })).json()['headers'];
    expect(inner).to.have.property('x-gateway-caller', 'shop');
  });
});
