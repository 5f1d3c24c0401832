import { expect } from 'chai';
import { open } from '../support/gateways.ts';
import { ask } from './support/ask.ts';
import { serversOfThisSuite } from './support/servers.ts';

describe('a failure on purpose', () => {
  const servers = serversOfThisSuite();

  it('is a problem like others inside, with the status that is wanted; the service is not asked', async () => {
    const upstream = await servers.upstream();
    const filters = [{ abort: { status: 418 } }, { setResponseHeader: { 'x-post': 'ran' } }];
    const gateway = await servers.private(open(upstream.url, { route: { filters } }));
    const answer = await ask(gateway.port, '/');
    expect([answer.status, answer.header('content-type'), answer.header('x-post')]).to.deep.equal([418, 'application/problem+json', 'ran']);
    expect(answer.json()).to.include({ code: 'fault-injected', status: 418 });
    expect(upstream.requests).to.have.length(0);
    // With nothing behind it, too.
    const alone = await servers.private(open(upstream.url, { route: { filters: [{ abort: {} }] } }));
    expect((await ask(alone.port, '/')).json()).to.include({ code: 'fault-injected', status: 503 });
  });

  it('happens at the public gateway only where that is said', async () => {
    const upstream = await servers.upstream();
    const faults = (more: object) => [{ delay: { duration: '1h', ...more } }, { abort: { status: 503, ...more } }];
    const silent = await servers.public(open(upstream.url, { route: { filters: faults({}) } }));
    expect((await ask(silent.port, '/')).status).to.equal(200);
    const said = await servers.public(open(upstream.url, { route: { filters: [{ abort: { public: true } }] } }));
    expect((await ask(said.port, '/')).json()['code']).to.equal('fault-injected');
  });

  it('may be a wait, of which the limit for filters knows nothing', async () => {
    const upstream = await servers.upstream();
    const given = open(upstream.url, { route: { filters: [{ delay: { duration: '60ms' } }] }, filters: { timeout: '10ms' } });
    const gateway = await servers.private(given);
    const since = performance.now();
    expect((await ask(gateway.port, '/')).status).to.equal(200);
    expect(performance.now() - since).to.be.greaterThan(55);
  });

  it('and is switched off by configuration', async () => {
    const upstream = await servers.upstream();
    const gateway = await servers.private(open(upstream.url, { route: { filters: [{ abort: {} }] }, filters: { off: ['abort'] } }));
    expect((await ask(gateway.port, '/')).status).to.equal(200);
  });
});
