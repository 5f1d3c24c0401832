import { writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { ask } from './support/ask.ts';
import { eventually } from './support/eventually.ts';
import { pairOf } from './support/pair.ts';
import { serversOfThisSuite } from './support/servers.ts';

describe('A rollback brings it back', () => {
  const servers = serversOfThisSuite();

  it('to the byte, on both gateways, over what was changed here or by hand', async () => {
    const { url } = await servers.upstream((_, res) => void res.end('here'));
    const text = `services: # all\n  it: { endpoints: ["${url}"] } # one\nroutes:\n  - { name: it, match: { path: /it }, service: it, expose: { public: { access: anonymous }, private: { callers: [tests] } } }\n`;
    const pair = await pairOf(servers, text);
    const original = pair.text();
    const { etag } = await pair.inside.ask('GET', '/services');
    const gone = await pair.inside.ask('DELETE', '/routes/it', undefined, { match: etag });
    expect([gone.status, (await ask(pair.inside.port, '/it')).status]).to.deep.equal([204, 404]);
    writeFileSync(pair.file, `${pair.text()}# by hand\n`);
    const sees = (side: typeof pair.inside, revision: string | undefined) =>
      eventually(
        () => `"${side.reloading.loaded.revision}"`,
        (now) => now === revision,
      );
    const { etag: byHand } = await pair.outside.ask('GET', '/config');
    await sees(pair.outside, byHand);
    const { body } = await pair.outside.ask('GET', '/revisions');
    expect(body.revisions.map(({ cause }: { cause: string }) => cause)).to.deep.equal(['file', 'api', 'file']);
    const [, , { revision }] = body.revisions;
    expect(`"${revision}"`).to.equal(etag);
    const back = await pair.outside.ask('POST', `/revisions/${revision}/rollback`, undefined, { match: byHand });
    expect([back.status, back.body]).to.deep.equal([200, { revision, changes: ['routes'] }]);
    expect(pair.text()).to.equal(original);
    expect((await ask(pair.outside.port, '/it')).body).to.equal('here');
    await sees(pair.inside, etag);
    expect((await ask(pair.inside.port, '/it')).body).to.equal('here');
    expect((await pair.inside.ask('GET', '/revisions')).body.revisions[0]).to.include({
      cause: 'rollback',
      revision,
      gateway: 'public-gateway',
    });
  });
});
