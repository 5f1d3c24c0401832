import { expect } from 'chai';
import { open, type TestGateway } from '../support/gateways.ts';
import { ask } from './support/ask.ts';
import { serversOfThisSuite } from './support/servers.ts';

describe('The private gateway says what failed', () => {
  const servers = serversOfThisSuite();
  let gateway: TestGateway;

  before(async () => {
    const cutting = await servers.rawUpstream((socket) => socket.destroy());
    const { url } = await servers.upstream();
    const given = open(cutting.url);
    gateway = await servers.private({
      ...given,
      services: { upstream: { endpoints: [cutting.url] }, orders: { endpoints: ['http://127.0.0.1:1'] }, fine: { endpoints: [url] } },
      routes: [
        ...(given.routes ?? []),
        { name: 'orders', match: { pathPrefix: '/orders' }, service: 'orders', expose: { private: { callers: ['tests'] } } },
        {
          name: 'upload',
          match: { pathPrefix: '/upload' },
          service: 'fine',
          expose: { private: { callers: ['tests'], rateLimit: '1/h' } },
        },
      ],
      private: { ...given.private, limits: { body: '10B' } },
    });
  });

  it('which service it was and how, in Proxy-Status', async () => {
    const refused = await ask(gateway.port, '/orders');
    expect([refused.status, refused.header('proxy-status')]).to.deep.equal([
      502,
      'private-gateway; error=connection_refused; next-hop="orders"',
    ]);
    const cut = await ask(gateway.port, '/');
    expect([cut.status, cut.header('proxy-status')]).to.deep.equal([
      502,
      'private-gateway; error=connection_terminated; next-hop="upstream"',
    ]);
  });

  it('what a limit is, when one is passed', async () => {
    expect((await ask(gateway.port, '/upload', { method: 'POST', body: 'x'.repeat(11) })).json()['detail']).to.equal(
      'The limit is 10 bytes.',
    );
    expect((await ask(gateway.port, '/upload')).status).to.equal(200);
    expect((await ask(gateway.port, '/upload')).json()['detail']).to.equal('The limit is 1 request in 3600 s.');
  });

  it('and how long the service took, when it answered', async () => {
    const gateway = await servers.private(open((await servers.upstream()).url));
    expect((await ask(gateway.port)).header('server-timing')).to.match(/^upstream;dur=\d+\.\d$/);
  });
});
