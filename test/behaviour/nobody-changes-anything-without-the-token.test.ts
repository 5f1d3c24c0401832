import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { adminDocument } from '../../core/admin/api/document.ts';
import { type Pair, pairOf } from './support/pair.ts';
import { serversOfThisSuite } from './support/servers.ts';

describe('Nobody changes anything without the token', () => {
  const servers = serversOfThisSuite();
  let pair: Pair;
  before(async () => {
    pair = await pairOf(servers, 'services: {}\nroutes: []\n');
  });

  it('whatever there is to change, on both admin ports', async () => {
    const text = pair.text();
    const { etag = '' } = await pair.outside.ask('GET', '/services');
    const { paths } = JSON.parse(adminDocument()) as { paths: Record<string, Record<string, { security: object[] }>> };
    const changing = Object.entries(paths).flatMap(([path, operations]) =>
      // What only asks may say so: `{}` is nobody's token.
      Object.entries(operations).flatMap(([method, { security }]) =>
        security.every((needed) => 'token' in needed) && security.length > 0
          ? [[method.toUpperCase(), path.replace(/\{\w+\}/g, 'a')] as const]
          : [],
      ),
    );
    expect(changing.length).to.be.greaterThan(10);
    for (const { admin } of [pair.outside, pair.inside])
      for (const [method, path] of changing)
        for (const authorization of ['', 'Bearer wrong'].slice(0, path === '/reload' ? 2 : 1)) {
          const headers = { 'If-Match': etag, 'Content-Type': 'application/json', ...(authorization ? { authorization } : {}) };
          const answer = await fetch(`${admin}${path}`, { method, headers, body: '{}' });
          expect(answer.status, `${method} ${path}`).to.equal(401);
        }
    expect(pair.text()).to.equal(text);
  });

  it('which is for the owner of the folder alone, and in no log', () => {
    expect(statSync(join(pair.folder, '.postern/admin-token')).mode & 0o777).to.equal(0o600);
    const log = readFileSync(join(pair.folder, 'log'), 'utf8');
    expect(log).to.include('"admin-token-made"').and.not.to.include(pair.token);
  });
});
