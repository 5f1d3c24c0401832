import { expect } from 'chai';
import type { TestGateway } from '../support/gateways.ts';
import type { Upstream } from '../support/upstream.ts';
import { ask } from './support/ask.ts';
import { serversOfThisSuite } from './support/servers.ts';

describe('A part of an answer is no way around the list of callers', () => {
  const servers = serversOfThisSuite();
  let upstream: Upstream;
  let gateway: TestGateway;

  before(async () => {
    upstream = await servers.upstream();
    const to = (name: string, match: object, callers: string[], more: object = {}) => ({
      name,
      match,
      ...('split' in more ? {} : { service: 'users' }),
      expose: { private: { callers } },
      ...more,
    });
    const of = (name: string, path: string, part: object = {}) => ({
      name,
      match: { path: `/${name}/{id}` },
      aggregate: { parts: { user: { service: 'users', path, ...part }, next: { service: 'next', path: '/next', default: 1 } } },
      expose: { private: { callers: ['shop'] } },
    });
    gateway = await servers.private({
      services: { users: { endpoints: [upstream.url] }, next: { endpoints: [upstream.url] } },
      routes: [
        to('people', { pathPrefix: '/users' }, ['shop', 'ops'], { split: [{ service: 'users' }, { service: 'next' }] }),
        to('admin', { path: '/users/admin' }, ['ops']),
        to('internal', { pathPrefix: '/users/internal' }, ['ops']),
        to('api', { pathPrefix: '/api' }, ['shop'], { rewrite: { stripPrefix: '/api', prefixPath: '/v2' } }),
        to('api-admin', { pathPrefix: '/api/admin' }, ['ops'], { rewrite: { stripPrefix: '/api', prefixPath: '/v2' } }),
        to('ops-host', { pathPrefix: '/users', hosts: ['ops.example'] }, ['ops']),
        to('whole', { path: '/whole/{id}' }, ['shop'], { rewrite: { path: '/wholes/{id}' } }),
        of('plain', '/users/{id}', { required: true }),
        of('optional', '/users/{id}', { default: null }),
        of('query', '/users/{query.id}', { required: true }),
        of('deep', '/users/internal/{id}', { required: true }),
        of('v2', '/v2/{id}', { required: true }),
        of('wholes', '/wholes/{id}', { required: true }),
      ],
      private: { callers: { shop: { from: ['127.0.0.1'] }, ops: { from: ['127.0.0.3'] } } },
    });
  });

  const asked = async (target: string, headers: Record<string, string> = {}) => {
    const before = upstream.requests.length;
    const answer = await ask(gateway.port, target, { headers });
    return { answer, status: answer.status, urls: upstream.requests.slice(before).map(({ url }) => url) };
  };

  it('what a route gives the caller, it gives as a part', async () => {
    for (const [target, url] of [
      ['/plain/7', '/users/7'],
      ['/query/x?id=7', '/users/7'],
      ['/v2/7', '/v2/7'],
      ['/plain/administrator', '/users/administrator'],
    ]) {
      const { status, urls } = await asked(target ?? '');
      expect([status, urls], target).to.deep.equal([200, [url]]);
    }
  });

  it('what another route keeps from it is forbidden, and its service hears nothing', async () => {
    for (const target of [
      '/plain/admin',
      '/plain/%61dmin',
      '/query/x?id=admin',
      '/query/x?id=%61dmin',
      '/deep/7',
      '/v2/admin',
      '/wholes/7',
    ]) {
      const { answer, urls } = await asked(target);
      expect([answer.status, answer.json()['code'], urls], target).to.deep.equal([403, 'forbidden', []]);
    }
    const { status, urls } = await asked('/plain/7', { host: 'ops.example' });
    expect([status, urls]).to.deep.equal([403, []]);
  });

  it('an optional part that is forbidden is missing, and says so', async () => {
    const { answer, urls } = await asked('/optional/admin');
    expect([answer.status, urls]).to.deep.equal([200, []]);
    expect(answer.json()['user']).to.equal(null);
    expect((answer.json()['_failures'] as { user: object }).user).to.include({ code: 'forbidden' });
    expect((await asked('/optional/7')).answer.json()['_failures']).to.have.all.keys('next');
  });
});
