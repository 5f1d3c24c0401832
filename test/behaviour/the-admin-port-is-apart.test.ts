import { expect } from 'chai';
import { open, type TestGateway } from '../support/gateways.ts';
import { ask } from './support/ask.ts';
import { eventually } from './support/eventually.ts';
import { serversOfThisSuite } from './support/servers.ts';

describe('Health and metrics have a port of their own', () => {
  const servers = serversOfThisSuite();
  let gateway: TestGateway;
  before(async () => {
    const { url } = await servers.upstream();
    gateway = await servers.public(open(url, { route: { match: { pathPrefix: '/api' } } }));
  });
  const probe = async (path: string, options?: RequestInit, { admin } = gateway) => {
    const response = await fetch(`${admin}${path}`, options);
    return [response.status, await response.text()];
  };

  it('which says in one word that it lives, is ready, has started', async () => {
    for (const path of ['/livez', '/readyz', '/startupz']) expect(await probe(path)).to.deep.equal([200, 'ok\n']);
  });

  it('and on demand what that rests on', async () => {
    const configuration = `[+]configuration ok (${gateway.reloading.loaded.revision})\n`;
    expect(await probe('/readyz?verbose')).to.deep.equal([200, `[+]listening ok\n[+]not-draining ok\n${configuration}ok\n`]);
    expect(await probe('/livez?verbose')).to.deep.equal([200, '[+]event-loop ok\nok\n']);
    expect(await probe('/startupz?verbose')).to.deep.equal([200, '[+]listening ok\nok\n']);
  });

  it('answers HEAD, and nothing that would change anything', async () => {
    expect(await probe('/readyz', { method: 'HEAD' })).to.deep.equal([200, '']);
    expect((await probe('/readyz', { method: 'POST' }))[0]).to.equal(405);
    expect((await probe('/anything'))[0]).to.equal(404);
  });

  it('is not to be reached through the port of the gateway', async () => {
    for (const path of ['/livez', '/readyz', '/startupz', '/metrics', '/config'])
      expect((await ask(gateway.port, path)).json()['code'], path).to.equal('no-route');
    const { host } = new URL(gateway.admin);
    expect((await ask(gateway.port, '/livez', { headers: { host } })).status).to.equal(404);
    expect((await ask(gateway.port, `${gateway.admin}/livez`)).status).to.equal(404);
  });

  it('is not ready while it drains, and lives all the same', async () => {
    const { url } = await servers.upstream();
    const draining = await servers.public(open(url, { public: { drain: { grace: '1s', deadline: '1s' } } }));
    const drained = draining.drain();
    await eventually(
      () => probe('/readyz', undefined, draining),
      ([status]) => status === 503,
    );
    const [status, text] = await probe('/readyz?verbose', undefined, draining);
    expect([status, String(text).split('\n', 2)]).to.deep.equal([503, ['[+]listening ok', '[-]not-draining failed']]);
    expect((await probe('/livez', undefined, draining))[0]).to.equal(200);
    expect((await ask(draining.port)).header('connection')).to.equal('close');
    expect(await drained).to.equal(0);
  });
});
