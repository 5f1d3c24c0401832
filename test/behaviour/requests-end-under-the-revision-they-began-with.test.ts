import type { ServerResponse } from 'node:http';
import { expect } from 'chai';
import { WebSocket, WebSocketServer } from 'ws';
import { open, type TestGateway } from '../support/gateways.ts';
import { ask } from './support/ask.ts';
import { eventually } from './support/eventually.ts';
import { serversOfThisSuite } from './support/servers.ts';

describe('what is under way while the configuration changes', () => {
  const servers = serversOfThisSuite();
  const nothing = { services: {}, routes: [] };
  const none = (gateway: TestGateway, given: object = nothing) => {
    gateway.rewrite({ ...open('http://127.0.0.1:1'), ...given });
    return gateway.reloading.reload('api');
  };
  const levels = async (gateway: TestGateway) => await (await fetch(`${gateway.admin}/metrics`)).text();

  it('is answered by the service it was for, though that is no more', async () => {
    const held = Promise.withResolvers<ServerResponse>();
    const upstream = await servers.upstream((_, res) => held.resolve(res));
    const gateway = await servers.public(open(upstream.url));
    const answer = ask(gateway.port, '/');
    const res = await held.promise;
    expect(await none(gateway)).to.include({ ok: true, changed: true });
    expect((await ask(gateway.port, '/')).status).to.equal(404);
    expect(await levels(gateway)).to.not.contain('gateway_concurrency_limit_in_flight{');
    res.end('as it was');
    expect(await answer).to.include({ status: 200 });
    expect((await answer).body).to.contain('as it was');
    // Then nothing is left of it: its connection, nor what was counted.
    await eventually(
      () => levels(gateway),
      (text) => !text.includes('gateway_service_name="upstream"') && upstream.connections.every(({ destroyed }) => destroyed),
    );
  });

  it('keeps what the steps behind it need: the endpoint, the time it may take, the filters on the way back', async () => {
    const [before, behind] = [await servers.upstream((_, res) => res.end('before')), await servers.upstream((_, res) => res.end('behind'))];
    const held = Promise.withResolvers<ServerResponse>();
    const slow = await servers.upstream((_, res) => held.resolve(res));
    const given = (url: string, says: string) => ({
      ...open(url, { route: { name: 'all', match: { pathPrefix: '/other' } } }),
      services: { upstream: { endpoints: [url] }, slow: { endpoints: [slow.url], retry: { attempts: 0 } } },
      routes: [
        {
          name: 'parts',
          match: { path: '/' },
          fallback: { service: 'upstream' },
          service: 'slow',
          filters: [{ setResponseHeader: { 'x-says': says } }],
          expose: { public: { access: 'anonymous' } },
        },
      ],
    });
    const gateway = await servers.public(given(before.url, 'before'));
    const answer = ask(gateway.port, '/');
    const res = await held.promise;
    gateway.rewrite(given(behind.url, 'behind'));
    expect(await gateway.reloading.reload('api')).to.include({ ok: true });
    res.writeHead(503).end();
    expect([(await answer).header('x-says'), (await answer).body]).to.deep.equal(['before', 'before']);
  });

  it('stays open as a WebSocket, though its route is no more', async () => {
    const sockets = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    await new Promise((resolve) => sockets.once('listening', resolve));
    sockets.on('connection', (socket) => socket.on('message', (data) => socket.send(`echo ${data}`)));
    servers.defer(() => sockets.close());
    const { port } = sockets.address() as { port: number };
    const gateway = await servers.public(open(`http://127.0.0.1:${port}`, { route: { upgrade: ['websocket'] } }));
    const client = new WebSocket(gateway.url.replace('http', 'ws'));
    await new Promise((resolve) => client.once('open', resolve));
    expect(await none(gateway)).to.include({ ok: true });
    const said = new Promise((resolve) => client.once('message', (data) => resolve(String(data))));
    client.send('still here');
    expect(await said).to.equal('echo still here');
    expect((await ask(gateway.port, '/')).status).to.equal(404);
    const closed = new Promise((resolve) => client.once('close', resolve));
    client.close();
    await closed;
  });

  it('reports a service once, however many revisions of it there are', async () => {
    const held: ServerResponse[] = [];
    const upstream = await servers.upstream((_, res) => held.push(res));
    const given = (limit: number) => open(upstream.url, { service: { timeouts: { attempt: `${limit}s` } } });
    const gateway = await servers.public(given(10));
    const answers: Promise<unknown>[] = [];
    for (let limit = 11; limit < 15; limit += 1) {
      answers.push(ask(gateway.port, '/'));
      await eventually(
        () => held.length,
        (count) => count === answers.length,
      );
      gateway.rewrite(given(limit));
      await gateway.reloading.reload('api');
    }
    const lines = (await levels(gateway)).split('\n').filter((line) => line.startsWith('gateway_concurrency_limit_in_flight{'));
    expect(lines).to.deep.equal(['gateway_concurrency_limit_in_flight{gateway_service_name="upstream"} 4']);
    for (const res of held) res.end();
    await Promise.all(answers);
  });
});
