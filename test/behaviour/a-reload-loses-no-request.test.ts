import { Agent, request } from 'node:http';
import { expect } from 'chai';
import { open } from '../support/gateways.ts';
import { ask } from './support/ask.ts';
import { eventually } from './support/eventually.ts';
import { serversOfThisSuite } from './support/servers.ts';
import { steadyLoad } from './support/steady-load.ts';

describe('a reload', () => {
  const servers = serversOfThisSuite();

  it('loses no request and closes no connection, kept or new, however often it happens', async () => {
    const [one, other] = [await servers.upstream(), await servers.upstream()];
    const given = (round: number) =>
      open(round % 2 ? one.url : other.url, {
        service: { timeouts: { attempt: `${5 + (round % 3)}s` }, concurrency: { limit: 100 + (round % 4) } },
        public: { rateLimit: `${1_000_000 + round}/s` },
      });
    const gateway = await servers.public(given(0));
    let [round, fresh] = [0, 0];
    let reloading: Promise<unknown> = Promise.resolve();
    const failed: unknown[] = [];
    const outcomes = await steadyLoad(gateway.url, {
      count: 600,
      inFlight: 8,
      ask: (nth) => (nth % 5 === 0 ? { method: 'POST', body: `{"n":${nth}}` } : { method: 'GET' }),
      onDone: (done) => {
        if (done % 50 !== 0) return;
        round += 1;
        gateway.rewrite(given(round));
        reloading = Promise.all([reloading, gateway.reloading.reload('api')]);
        fresh += 1;
        void ask(gateway.port, '/fresh').then(({ status }) => status !== 200 && failed.push(status));
      },
    });
    expect(outcomes.filter(({ status }) => status !== 200)).to.deep.equal([]);
    await reloading;
    expect([failed, fresh > 10]).to.deep.equal([[], true]);
    const { changes, ok } = gateway.reloading.status;
    expect([ok, changes.length > 5]).to.deep.equal([true, true]);
  }).timeout(30_000);

  it('keeps the connections of clients, and those to endpoints that stay', async () => {
    const upstream = await servers.upstream();
    const given = (limit: number) => open(upstream.url, { service: { concurrency: { limit } } });
    const gateway = await servers.public(given(10));
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    servers.defer(() => agent.destroy());
    const ports = new Set<number | undefined>();
    for (let limit = 11; limit < 16; limit += 1) {
      await new Promise<void>((resolve, reject) => {
        request(gateway.url, { agent }, (res) => {
          ports.add(res.socket.localPort);
          res.resume().on('end', resolve);
        })
          .on('error', reject)
          .end();
      });
      gateway.rewrite(given(limit));
      expect(await gateway.reloading.reload('api')).to.include({ ok: true, changed: true });
    }
    expect([ports.size, upstream.connections.length]).to.deep.equal([1, 1]);
  });

  it('happens by itself when the file has changed, and says what has', async () => {
    const [one, other] = [await servers.upstream((_, res) => res.end('one')), await servers.upstream((_, res) => res.end('other'))];
    const gateway = await servers.public(open(one.url));
    expect((await ask(gateway.port, '/')).body).to.contain('one');
    const from = gateway.reloading.loaded.revision;
    gateway.rewrite(open(other.url));
    await eventually(
      async () => (await ask(gateway.port, '/')).body,
      (body) => body.includes('other'),
    );
    const { revision } = gateway.reloading.loaded;
    const told = await eventually(
      () => gateway.logged().find(({ event }) => event === 'configuration-reloaded'),
      (line) => line !== undefined,
    );
    expect(told)
      .to.include({ cause: 'file', from, revision })
      .and.deep.include({ changes: ['services.upstream: endpoints'] });
    expect(await gateway.reloading.reload('api')).to.deep.equal({ ok: true, revision, changed: false, needsRestart: [] });
  });
});
