import type { OutgoingHttpHeaders } from 'node:http';
import { expect } from 'chai';
import { open } from '../support/gateways.ts';
import { ask } from './support/ask.ts';
import { eventually } from './support/eventually.ts';
import { dripping } from './support/made-of-parts.ts';
import { serversOfThisSuite } from './support/servers.ts';

describe('errors of services, normalized', () => {
  const servers = serversOfThisSuite();
  const answering = (status: number, body: string, headers: OutgoingHttpHeaders = {}) =>
    servers.upstream((_, res) => void res.writeHead(status, headers).end(body));
  const route = { normalizeErrors: true };
  const json = { 'content-type': 'application/json; charset=utf-8' };

  it('become problem documents, with what the service said and its fields', async () => {
    const upstream = await answering(409, '{"error":{"message":"taken already"}}', {
      ...json,
      'x-trace': 'a',
      etag: '"1"',
      'cache-control': 'max-age=60',
    });
    const gateway = await servers.public(open(upstream.url, { route }));
    const answer = await ask(gateway.port);
    const requestId = answer.header('x-request-id');
    expect(answer.json()).to.deep.equal({
      type: 'about:blank',
      title: 'Conflict',
      detail: 'taken already',
      status: 409,
      instance: `urn:request:${requestId}`,
      code: 'service-error',
      requestId,
    });
    expect(answer.header('content-type')).to.equal('application/problem+json');
    expect([answer.header('x-trace'), answer.header('etag'), answer.header('cache-control')]).to.deep.equal(['a', undefined, 'no-store']);
    expect(answer.header('content-length')).to.equal(String(Buffer.byteLength(answer.body)));
    expect(answer.header('date')).to.be.a('string');
  });

  it('keep the members of a problem document', async () => {
    const problem = { type: 'https://example.com/full', title: 'Full', status: 200, balance: 3 };
    const upstream = await answering(403, JSON.stringify(problem), { 'content-type': 'application/problem+json' });
    const gateway = await servers.public(open(upstream.url, { route }));
    expect((await ask(gateway.port)).json()).to.include({ type: 'https://example.com/full', title: 'Full', status: 403, balance: 3 });
  });

  it('tell nothing of a failure inside at the edge, and all of it inside', async () => {
    const upstream = await answering(500, '{"message":"no row in table users"}', json);
    const given = open(upstream.url, { route });
    expect((await ask((await servers.public(given)).port)).body).not.to.contain('users');
    expect((await ask((await servers.private(given)).port)).json()).to.include({ detail: 'no row in table users' });
  });

  it('are normalized for a whole gateway, unless a route says no; answers that are none are left as they are', async () => {
    const upstream = await answering(418, 'short and stout', { 'content-type': 'text/plain', 'content-length': '15' });
    const byDefault = await servers.public(open(upstream.url, { public: { normalizeErrors: true } }));
    expect((await ask(byDefault.port)).json()).to.include({ status: 418 });
    expect((await ask(byDefault.port, '/', { method: 'HEAD' })).header('content-type')).to.equal('application/problem+json');
    const unless = await servers.public(open(upstream.url, { public: { normalizeErrors: true }, route: { normalizeErrors: false } }));
    expect((await ask(unless.port)).body).to.equal('short and stout');
    const fine = await answering(200, 'fine', { 'content-length': '4' });
    expect((await ask((await servers.public(open(fine.url, { route }))).port)).body).to.equal('fine');
  });

  it('are read no further than they need be', async () => {
    const upstream = await servers.upstream((_, res) => {
      res.writeHead(500, json);
      const more = () => void res.write('x'.repeat(64 * 1024), () => res.destroyed || setImmediate(more));
      more();
    });
    const gateway = await servers.private(open(upstream.url, { route }));
    expect((await ask(gateway.port)).json()).to.include({ status: 500 });
  });

  it('are answered with their status when they do not end in time, or are cut', async () => {
    const slow = await servers.upstream(dripping(404, 'application/json'));
    const short = { timeouts: { connect: '50ms', attempt: '50ms', request: '50ms' } };
    const late = await ask((await servers.public(open(slow.url, { route, service: short }))).port);
    expect([late.status, late.json()['code'], late.json()['detail']]).to.deep.equal([404, 'service-error', undefined]);
    await eventually(
      () => slow.connections.every(({ destroyed }) => destroyed),
      (closed) => closed,
    );
    const patient = await ask((await servers.private(open(slow.url, { route }))).port, '/', { headers: { 'x-gateway-time-left': '100' } });
    expect([patient.status, patient.json()['code']]).to.deep.equal([404, 'service-error']);
    const cut = await servers.upstream((_, res) => {
      res.writeHead(404, { ...json, 'content-length': '100' }).write('{"message":"so', () => res.destroy());
    });
    const broken = await ask((await servers.public(open(cut.url, { route }))).port);
    expect([broken.status, broken.json()['code'], broken.json()['detail']]).to.deep.equal([404, 'service-error', undefined]);
  });

  it('have no length in the answer to a HEAD, and keep what is said of more than the body', async () => {
    const upstream = await answering(416, '', {
      'content-range': 'bytes */100',
      'content-security-policy': "default-src 'none'",
      'content-length': '7',
    });
    const gateway = await servers.public(open(upstream.url, { route }));
    const head = await ask(gateway.port, '/', { method: 'HEAD' });
    expect([head.status, head.header('content-length'), head.header('content-range')]).to.deep.equal([416, undefined, 'bytes */100']);
    expect(head.header('content-security-policy')).to.equal("default-src 'none'");
  });

  it('leave a prepared answer as it is prepared', async () => {
    const fallback = { status: 503, body: { message: 'back at noon', until: '12:00' } };
    const gateway = await servers.public(open('http://127.0.0.1:1', { route: { ...route, fallback } }));
    expect((await ask(gateway.port)).json()).to.deep.equal(fallback.body);
  });

  it('may be nested deeper than can be written', async () => {
    const upstream = await answering(404, `{"a":${'['.repeat(30_000)}${']'.repeat(30_000)}}`, {
      'content-type': 'application/problem+json',
    });
    const gateway = await servers.public(open(upstream.url, { route }));
    expect((await ask(gateway.port)).json()).to.include({ status: 404, code: 'service-error' });
  });
});
