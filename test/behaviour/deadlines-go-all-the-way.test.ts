import { expect } from 'chai';
import { open } from '../support/gateways.ts';
import { ask } from './support/ask.ts';
import { serversOfThisSuite } from './support/servers.ts';

describe('how long is left', () => {
  const servers = serversOfThisSuite();
  const left = (field: unknown) => Number(field);

  it('is told to the service, and less of it by the gateway further in', async () => {
    const upstream = await servers.upstream();
    const inner = await servers.private(open(upstream.url));
    const outer = await servers.public(open(inner.url, { service: { timeouts: { request: '3s', attempt: '3s' } } }));
    await ask(outer.port);
    expect(left(upstream.requests[0]?.headers['x-gateway-time-left'])).to.be.within(2_000, 3_000);
  });

  it('is the limit inside too: nobody works on what nobody waits for', async () => {
    const silent = await servers.upstream(() => {});
    const inner = await servers.private(open(silent.url));
    const answer = await ask(inner.port, '/', { headers: { 'x-gateway-time-left': '50' } });
    expect([answer.status, answer.json()['code']]).to.deep.equal([504, 'caller-gone']);
  });

  it('when it is nothing, the service is not called', async () => {
    const upstream = await servers.upstream();
    const inner = await servers.private(open(upstream.url));
    const answer = await ask(inner.port, '/', { headers: { 'x-gateway-time-left': '0' } });
    expect([answer.status, answer.json()['code'], upstream.requests.length]).to.deep.equal([504, 'caller-gone', 0]);
    // What is no number was not said by a gateway.
    expect((await ask(inner.port, '/', { headers: { 'x-gateway-time-left': 'soon' } })).status).to.equal(200);
  });

  it('is not what a client at the edge says it is, unless it is a trusted proxy', async () => {
    const upstream = await servers.upstream();
    const headers = { 'x-gateway-time-left': '0' };
    expect((await ask((await servers.public(open(upstream.url))).port, '/', { headers })).status).to.equal(200);
    const trusting = await servers.public(open(upstream.url, { public: { trustedProxies: ['127.0.0.1'] } }));
    expect((await ask(trusting.port, '/', { headers })).status).to.equal(504);
  });

  it('ends with the client: who leaves cancels the work behind both gateways', async () => {
    const closed = Promise.withResolvers<void>();
    const silent = await servers.upstream((req) => void req.socket.once('close', () => closed.resolve()));
    const inner = await servers.private(open(silent.url));
    const outer = await servers.public(open(inner.url));
    const leaving = new AbortController();
    const left = fetch(outer.url, { signal: leaving.signal }).catch((error: Error) => error.name);
    while (silent.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
    leaving.abort();
    expect(await left).to.equal('AbortError');
    await closed.promise;
  });
});
