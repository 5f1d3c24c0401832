import { type AddressInfo, createServer, type Socket } from 'node:net';
import { expect } from 'chai';
import { ADMIN_TOKEN, open } from '../support/gateways.ts';
import { ask } from './support/ask.ts';
import { serversOfThisSuite } from './support/servers.ts';

describe('a Redis that does not answer', () => {
  const servers = serversOfThisSuite();

  /** It accepts, and is silent. */
  async function silent(): Promise<number> {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => void sockets.add(socket.on('error', () => {})));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    servers.defer(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    return (server.address() as AddressInfo).port;
  }

  it('keeps no gateway from starting, and no limit from counting', async () => {
    const { url } = await servers.upstream();
    const given = open(url, { public: { rateLimit: '2/h' } });
    const gateway = await servers.public({ ...given, state: `redis://:s3cret@127.0.0.1:${await silent()}` });
    const statuses = [];
    for (const _ of [1, 2, 3]) statuses.push((await ask(gateway.port, '/')).status);
    expect(statuses).to.deep.equal([200, 200, 429]);

    const ready = await fetch(`${gateway.admin}/readyz?verbose`);
    expect(ready.status).to.equal(200);
    expect(await ready.text()).to.match(
      /^\[\+\]state ok \(redis:\/\/\(hidden\)@.*is not reachable, each instance counts for itself: no answer/m,
    );
    expect(await (await fetch(`${gateway.admin}/metrics`)).text()).to.match(/^gateway_state_reachable 0$/m);

    const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
    const config = await (await fetch(`${gateway.admin}/config`, { headers })).text();
    expect(config).to.contain('redis://(hidden)@127.0.0.1').and.not.contain('s3cret');

    gateway.rewrite(given);
    expect(await gateway.reloading.reload('api')).to.deep.include({ ok: true, needsRestart: ['state'] });
    expect(gateway.reloading.status.changes[0]?.summary).to.deep.equal(['state']);
    await gateway.stop();
    const told = gateway.logged().filter(({ event }) => String(event).startsWith('state-'));
    expect(told.map(({ event }) => event)).to.deep.equal(['state-unreachable']);
    expect(JSON.stringify(gateway.logged())).to.not.contain('s3cret');
  });
});
