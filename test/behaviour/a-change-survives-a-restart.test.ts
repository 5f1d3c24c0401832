import { expect } from 'chai';
import { ask } from './support/ask.ts';
import { pairOf } from './support/pair.ts';
import { serversOfThisSuite } from './support/servers.ts';

describe('A change survives a restart', () => {
  const servers = serversOfThisSuite();

  it('for it is in the file, where both gateways begin; the token and the revisions are still there', async () => {
    const { url } = await servers.upstream((_, res) => void res.end('here'));
    const first = await pairOf(servers, 'services: {}\nroutes: []\n');
    const { etag } = await first.outside.ask('GET', '/services');
    const service = await first.outside.ask('PUT', '/services/it', { endpoints: [url] }, { match: etag });
    const route = {
      name: 'it',
      match: { path: '/it' },
      service: 'it',
      expose: { public: { access: 'anonymous' }, private: { callers: ['tests'] } },
    };
    const added = await first.outside.ask('POST', '/routes', route, { match: service.etag });
    expect([service.status, added.status]).to.deep.equal([201, 201]);
    // In force, when it is answered.
    expect((await ask(first.outside.port, '/it')).body).to.equal('here');
    await first.stop();

    const second = await pairOf(servers, '', first.folder);
    for (const { port } of [second.outside, second.inside]) expect((await ask(port, '/it')).body).to.equal('here');
    expect(second.token).to.equal(first.token);
    const { body, etag: now } = await second.inside.ask('GET', '/revisions');
    expect(now).to.equal(added.etag);
    expect(body.revisions.map(({ note }: { note?: string }) => note)).to.deep.equal(['the route it added', 'services.it put', undefined]);
    const back = await second.inside.ask('POST', `/revisions/${body.revisions[2].revision}/rollback`, undefined, { match: now });
    expect([back.status, back.etag]).to.deep.equal([200, etag]);
    expect((await ask(second.inside.port, '/it')).json()['code']).to.equal('no-route');
  });
});
