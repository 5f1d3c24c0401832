import { expect } from 'chai';
import { balancerNames } from '../../core/config/schema/balancers.ts';
import { ask } from './support/ask.ts';
import { eventually } from './support/eventually.ts';
import { holding } from './support/holding.ts';
import { pairOf } from './support/pair.ts';
import { serversOfThisSuite } from './support/servers.ts';

describe('A draining endpoint finishes what it has', () => {
  const servers = serversOfThisSuite();
  const sticky = 'sticky: { cookie: stuck }';

  /** A gateway over a service of two, each of which answers with its name. */
  const started = async (more: string) => {
    const urls = await Promise.all(['one', 'two'].map(async (name) => (await servers.upstream((_, res) => void res.end(name))).url));
    const endpoints = `endpoints: [${urls.map((url) => `"${url}"`).join(', ')}]`;
    const pair = await pairOf(
      servers,
      `services:\n  it: { ${endpoints}, ${more} }\nroutes:\n  - { name: it, match: { pathPrefix: / }, service: it, expose: { public: { access: anonymous } } }\n`,
    );
    const path = (at: number) => `/services/it/endpoints/${new URL(urls[at] ?? '').host}`;
    const set = async (at: number, patch: object) => {
      const { etag } = await pair.outside.ask('GET', '/services/it');
      const answer = await pair.outside.ask('PATCH', path(at), patch, { match: etag });
      expect(answer.status, answer.text).to.equal(200);
      return answer.body;
    };
    const answers = async (times: number, headers: Readonly<Record<string, string>> = {}) => {
      const got = await Promise.all(Array.from({ length: times }, (_, n) => ask(pair.outside.port, `/${n}`, { headers })));
      return new Set(got.map(({ status, body }) => `${status} ${body}`));
    };
    return { pair, set, answers, path };
  };

  for (const balancer of balancerNames)
    it(`and gets nothing new, with ${balancer}; once it is back, it takes its part`, async () => {
      const { set, answers } = await started(`balancer: ${balancer}, hashOn: { header: x }`);
      const { live } = await set(0, { drain: true });
      expect(live).to.include({ draining: true, available: false });
      expect([...(await answers(20))]).to.deep.equal(['200 two']);
      for (const key of 'abcdef') expect([...(await answers(1, { x: key }))]).to.deep.equal(['200 two']);
      await set(0, { drain: null });
      const seen = new Set<string>();
      for (const key of 'abcdefghijklmnop') for (const one of await answers(2, { x: key })) seen.add(one);
      expect([...seen].sort()).to.deep.equal(['200 one', '200 two']);
    });

  it('also of a client that sticks to it, and where all others are bad', async () => {
    const { set, pair } = await started(sticky);
    const first = await ask(pair.outside.port);
    const cookie = (first.header('set-cookie') ?? '').split(';')[0] ?? '';
    const own = first.body === 'one' ? 0 : 1;
    for (let n = 0; n < 5; n += 1) expect((await ask(pair.outside.port, '/', { headers: { cookie } })).body).to.equal(first.body);
    await set(own, { drain: true });
    const moved = await ask(pair.outside.port, '/', { headers: { cookie } });
    expect([moved.status, moved.body === first.body]).to.deep.equal([200, false]);
    // None is left: it is refused, and not sent where nothing may go.
    await set(1 - own, { drain: true });
    expect((await ask(pair.outside.port)).json()['code']).to.equal('no-endpoint');
  });

  it('to the last byte, while it is seen to drain', async () => {
    const service = await holding(servers);
    const pair = await pairOf(
      servers,
      `services:\n  it: { endpoints: ["${service.url}"] }\nroutes:\n  - { name: it, match: { pathPrefix: / }, service: it, expose: { public: { access: anonymous } } }\n`,
    );
    const under = ask(pair.outside.port, '/under-way');
    await service.holds(1);
    const { etag } = await pair.outside.ask('GET', '/services/it');
    const { host } = new URL(service.url);
    const drained = await pair.outside.ask('PATCH', `/services/it/endpoints/${host}`, { drain: true }, { match: etag });
    expect(drained.body.live).to.include({ draining: true, inFlight: 1 });
    expect((await ask(pair.outside.port)).status).to.equal(503);
    // Nobody waits for it, and it may be taken out, too.
    const other = await servers.upstream();
    const added = await pair.outside.ask('POST', '/services/it/endpoints', other.url, { match: drained.etag });
    const removed = await pair.outside.ask('DELETE', `/services/it/endpoints/${host}`, undefined, { match: added.etag });
    expect([added.status, removed.status]).to.deep.equal([201, 204]);
    expect((await ask(pair.outside.port)).status).to.equal(200);
    service.answer();
    const answer = await under;
    expect([answer.status, answer.body]).to.deep.equal([200, '/under-way']);
    await eventually(
      async () => (await pair.outside.ask('GET', '/services/it/endpoints')).body.endpoints.length,
      (count) => count === 1,
    );
  });
});
