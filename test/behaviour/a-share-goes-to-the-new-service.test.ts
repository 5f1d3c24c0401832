import { expect } from 'chai';
import type { Given } from '../support/gateways.ts';
import { ask } from './support/ask.ts';
import { serversOfThisSuite } from './support/servers.ts';

describe('a split route', () => {
  const servers = serversOfThisSuite();
  const named = (name: string) => servers.upstream((_, res) => void res.end(name));
  const given = async (split: object[], more: object = {}): Promise<Given> => ({
    services: { stable: { endpoints: [(await named('stable')).url] }, next: { endpoints: [(await named('next')).url] } },
    routes: [{ name: 'shop', match: { pathPrefix: '/' }, split, ...more, expose: { public: { access: 'anonymous' } } }],
  });

  it('gives each service its share', async () => {
    const gateway = await servers.public(
      await given([
        { service: 'stable', weight: 3 },
        { service: 'next', weight: 1 },
      ]),
    );
    const answers = await Promise.all(Array.from({ length: 200 }, () => ask(gateway.port)));
    // Of 200 lots, fewer than 20 or more than 90 come once in many million runs.
    expect(answers.filter(({ body }) => body === 'next').length).to.be.within(20, 90);
    await gateway.drain();
    expect(new Set(gateway.logged().map(({ service }) => service)))
      .to.include('stable')
      .and.include('next');
  });

  it('keeps who is known again on one service, and sends who asks for it to the new one', async () => {
    const gateway = await servers.public(
      await given(
        [
          { service: 'stable', weight: 1 },
          { service: 'next', weight: 1, match: { headers: { 'x-canary': '1' } } },
        ],
        { splitOn: { header: 'x-session' } },
      ),
    );
    const chosen = async (session: string, headers: Record<string, string> = {}) =>
      (await ask(gateway.port, '/', { headers: { 'x-session': session, ...headers } })).body;
    const sessions = Array.from({ length: 40 }, (_, at) => `session-${at}`);
    const first = await Promise.all(sessions.map((session) => chosen(session)));
    expect(new Set(first).size).to.equal(2);
    expect(await Promise.all(sessions.map((session) => chosen(session)))).to.deep.equal(first);
    const asking = await Promise.all(sessions.map((session) => chosen(session, { 'x-canary': '1' })));
    expect(new Set(asking)).to.deep.equal(new Set(['next']));
  });

  it('draws lots for each route anew: who gets the new service on one is not who gets it on every other', async () => {
    const split = [
      { service: 'stable', weight: 1 },
      { service: 'next', weight: 1 },
    ];
    const config = await given(split, { splitOn: { header: 'x-session' }, match: { pathPrefix: '/shop' } });
    const [shop] = config.routes ?? [];
    const gateway = await servers.public({ ...config, routes: [{ ...shop }, { ...shop, name: 'blog', match: { pathPrefix: '/blog' } }] });
    const sessions = Array.from({ length: 40 }, (_, at) => `session-${at}`);
    const chosen = (path: string) =>
      Promise.all(sessions.map(async (session) => (await ask(gateway.port, path, { headers: { 'x-session': session } })).body));
    const [onShop, onBlog] = [await chosen('/shop'), await chosen('/blog')];
    expect(onShop.filter((body, at) => body !== onBlog[at]).length).to.be.within(5, 35);
  });
});
