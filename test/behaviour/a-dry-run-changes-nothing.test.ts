import { readdirSync, statSync } from 'node:fs';
import { expect } from 'chai';
import { ask } from './support/ask.ts';
import { type Pair, pairOf } from './support/pair.ts';
import { serversOfThisSuite } from './support/servers.ts';

describe('A dry run changes nothing', () => {
  const servers = serversOfThisSuite();
  let pair: Pair;
  before(async () => {
    const { url } = await servers.upstream((_, res) => void res.end('here'));
    pair = await pairOf(
      servers,
      `services:\n  it: { endpoints: ["${url}"] }\nroutes:\n  - { name: inside, match: { path: /it }, service: it, expose: { private: { callers: [tests] } } }\n`,
    );
  });

  it('says who could reach what, in what is answered and nowhere else', async () => {
    const { body: before, etag } = await pair.outside.ask('GET', '/revisions');
    const standing = () => ({ text: pair.text(), inode: statSync(pair.file).ino, names: readdirSync(pair.folder).sort() });
    const was = standing();
    const open = { expose: { public: { access: 'anonymous' } } };
    const trials: readonly (readonly [string, string, unknown])[] = [
      ['PATCH', '/routes/inside?dryRun', open],
      ['PATCH', '/services/it?dryRun=true', { circuitBreaker: { force: 'open' } }],
      ['PUT', '/services/other?dryRun', { endpoints: ['http://127.0.0.1:1'] }],
      ['POST', '/services/it/endpoints?dryRun', 'http://127.0.0.1:1'],
      ['DELETE', '/routes/inside?dryRun', undefined],
      ['POST', `/revisions/${before.revision}/rollback?dryRun`, undefined],
    ];
    const told = [];
    for (const [method, path, body] of trials) {
      const answer = await pair.outside.ask(method, path, body, { match: etag });
      expect([answer.status, answer.etag], `${method} ${path} ${answer.text}`).to.deep.equal([200, etag]);
      told.push([answer.body.keys, answer.body.changes.map(({ kind }: { kind: string }) => kind)]);
    }
    expect(told).to.deep.equal([
      [['routes[0].expose.public'], ['newly-anonymous', 'newly-public']],
      [['services.it.circuitBreaker'], []],
      [['services.other'], []],
      [['services.it.endpoints[1]'], []],
      [['routes'], ['no-longer-callable']],
      [[], []],
    ]);
    expect(standing()).to.deep.equal(was);
    expect((await pair.outside.ask('GET', '/revisions')).body).to.deep.equal(before);
    expect((await ask(pair.outside.port, '/it')).json()['code']).to.equal('no-route');
    expect((await ask(pair.inside.port, '/it')).body).to.equal('here');
  });
});
