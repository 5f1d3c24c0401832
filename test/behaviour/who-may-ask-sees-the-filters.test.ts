import { expect } from 'chai';
import { open } from '../support/gateways.ts';
import type { Echo } from '../support/upstream.ts';
import { ask } from './support/ask.ts';
import { filterFolder } from './support/filter-folder.ts';
import { serversOfThisSuite } from './support/servers.ts';

describe('X-Postern-Debug', () => {
  const servers = serversOfThisSuite();
  const asking = { headers: { 'x-postern-debug': '1' } };

  it('shows whom the gateway trusts which filters ran, in their order, and how long each took', async () => {
    const folder = filterFolder(servers);
    const slow = folder.write('slow.ts', "name: 'slow', stage: 'route', async run({ next }) { }");
    const around = folder.write('around.ts', "name: 'around', stage: 'route', order: -1, async run(exchange) { await exchange.next(); }");
    const upstream = await servers.upstream((req, res) => setTimeout(() => res.end(JSON.stringify(req.headers)), 60));
    const filters = [slow, around, { setRequestHeader: { 'x-a': 'b' } }, 'secureHeaders'];
    const given = open(upstream.url, { route: { filters }, public: { debug: ['127.0.0.1/32'] } });
    const gateway = await servers.public(given, { directory: folder.directory });
    const answer = await ask(gateway.port, '/', asking);
    const shown = answer.header('x-postern-debug') ?? '';
    expect(shown.replaceAll(/=\d+\.\d{3}/g, '=N')).to.equal(
      '"open";total=N, "setRequestHeader";stage=pre;dur=N, "slow";stage=route;dur=N, "around";stage=route;dur=N, "secureHeaders";stage=post;dur=N',
    );
    const took = (name: string) => Number(new RegExp(`"${name}"[^,]*?(?:dur|total)=([\\d.]+)`).exec(shown)?.[1]);
    expect(took('open')).to.be.greaterThan(55);
    // The time of the service is not that of the filter around it.
    expect(took('around')).to.be.lessThan(took('open') - 50);
    expect(JSON.parse(answer.body) as Echo['headers']).not.to.have.property('x-postern-debug');
  });

  it('shows what failed, with a document and without', async () => {
    const folder = filterFolder(servers);
    const bad = folder.write('bad.ts', "name: 'bad', stage: 'pre', run() { throw new Error(); }");
    for (const more of [[], ['secureHeaders']]) {
      const given = open('http://127.0.0.1:1', { route: { filters: [bad, ...more] }, public: { debug: ['127.0.0.1'] } });
      const gateway = await servers.public(given, { directory: folder.directory });
      const answer = await ask(gateway.port, '/', asking);
      expect([
        answer.status,
        answer.header('x-postern-debug')?.includes('"bad";stage=pre;dur=') && answer.header('x-postern-debug')?.includes(';failed'),
      ]).to.deep.equal([500, true]);
    }
  });

  it('shows nobody else anything, whatever the service says', async () => {
    const upstream = await servers.upstream((_req, res) => {
      res.setHeader('x-postern-debug', '"inside";total=1.000');
      res.end();
    });
    const filters = ['secureHeaders'];
    for (const given of [
      open(upstream.url, { route: { filters } }),
      open(upstream.url, { route: { filters }, public: { debug: ['192.0.2.0/24'] } }),
    ]) {
      const gateway = await servers.public(given);
      // Who says so, is not the one who is trusted.
      const answer = await ask(gateway.port, '/', { headers: { ...asking.headers, 'x-forwarded-for': '192.0.2.1' } });
      expect([answer.status, answer.header('x-postern-debug')]).to.deep.equal([200, undefined]);
    }
    const gateway = await servers.public(open(upstream.url, { route: { filters }, public: { debug: ['127.0.0.1'] } }));
    expect((await ask(gateway.port, '/')).header('x-postern-debug')).to.equal(undefined);
  });
});
