import { expect } from 'chai';
import { ask } from './support/ask.ts';
import { type Remembered, remembered } from './support/asking-why.ts';
import { eventually } from './support/eventually.ts';
import { serversOfThisSuite } from './support/servers.ts';
import { as, jwt, tokenFor } from './support/tokens.ts';

describe('Of what was refused, no secret is remembered', () => {
  const servers = serversOfThisSuite();
  const secret = 'hunter2';
  let everything: string;
  let all: readonly Remembered[];

  before(async () => {
    const upstream = await servers.upstream();
    const gateway = await servers.public({
      services: { upstream: { endpoints: [upstream.url] } },
      routes: [
        {
          name: 'matches',
          match: { pathPrefix: '/matches', headers: { 'x-tenant': 'a', 'x-api-key': '~.*' }, queryParams: { version: '2', token: '~.*' } },
          service: 'upstream',
          expose: { public: { scopes: ['never'] } },
        },
        { name: 'mine', match: { pathPrefix: '/mine' }, service: 'upstream', expose: { public: { scopes: ['never'] } } },
      ],
      public: { jwt: { ...jwt, from: ['bearer', { cookie: 'session' }] } },
    });
    const headers = {
      cookie: `session=${secret}; ${secret}; other=${secret}`,
      'proxy-authorization': `Basic ${btoa(`ada:${secret}`)}`,
      'x-api-key': secret,
      'x-unheard-of': secret,
      'x-tenant': 'a',
      referer: `https://shop.example/?q=${secret}`,
    };
    const query = `?version=2&token=${secret}&password=${secret}&${secret}`;
    const own = { authorization: `Bearer ${await tokenFor('ada', { email: `${secret}@example.com` })}` };
    const { cookie: _, ...without } = headers;
    await ask(gateway.port, `/matches/a${query}`, { headers: { ...without, ...own } });
    await ask(gateway.port, `/mine${query}`, { headers: { ...headers, authorization: `Bearer ${secret}` }, method: 'POST', body: secret });
    await ask(gateway.port, `http://ada:${secret}@shop.example/mine`, { headers: { authorization: secret } });
    await ask(gateway.port, `/mine${query}`, { headers: { ...headers, ...(await as('bob')) } });
    const list = await eventually(
      () => remembered(gateway, '/requests'),
      (requests) => requests.length === 4,
    );
    all = (await Promise.all(list.map(({ id }) => remembered(gateway, `/requests/${id}`)))).flat();
    everything = JSON.stringify([list, all]);
  });

  it('neither of fields, nor of cookies, nor of the query, nor of a token, nor a body', () => {
    expect(all).to.have.lengthOf(4);
    expect(everything).to.not.include(secret);
    expect(everything).to.not.include(btoa(`ada:${secret}`));
  });

  it('but what the configuration matches on, and the names of all', () => {
    const one = all.find(({ route }) => route === 'matches');
    expect(one?.['target']).to.equal('/matches/a?version=2&token=***&password=***&***');
    expect(one?.['headers'])
      .to.deep.include(['x-tenant', 'a'])
      .and.deep.include(['x-api-key', '***'])
      .and.deep.include(['authorization', 'Bearer ***']);
    expect(one?.['leftOut']).to.include.members(['header x-api-key', 'query token', 'query password']);
    expect(one?.['user']).to.equal('ada');
    expect(one?.explanation).to.include({ decidedBy: 'authorize', code: 'insufficient-scope' });
  });
});
