import { expect } from 'chai';
import { freePorts } from '../support/free-ports.ts';
import { type Given, open } from '../support/gateways.ts';
import type { Echo } from '../support/upstream.ts';
import { ask } from './support/ask.ts';
import { serversOfThisSuite } from './support/servers.ts';

describe('the fallback of a route', () => {
  const servers = serversOfThisSuite();
  const nobody = async () => `http://127.0.0.1:${(await freePorts(1))[0]}`;
  const prepared = (status = 200, more: object = {}) => ({ fallback: { status, ...more } });

  it('is a prepared answer when the service cannot be reached', async () => {
    const gateway = await servers.public(open(await nobody(), { route: prepared(200, { headers: { 'X-Stale': 'yes' }, body: [] }) }));
    const answer = await ask(gateway.port);
    expect([answer.status, answer.body, answer.header('content-type'), answer.header('x-stale')]).to.deep.equal([
      200,
      '[]',
      'application/json',
      'yes',
    ]);
    expect((await ask(gateway.port, '/', { method: 'HEAD' })).body).to.equal('');
    expect((await ask(gateway.port, '/', { method: 'POST', body: 'lost' })).body).to.equal('[]');
  });

  it('may be text, or nothing', async () => {
    const text = await servers.public(open(await nobody(), { route: prepared(203, { body: 'Come back later.' }) }));
    const answer = await ask(text.port);
    expect([answer.status, answer.body, answer.header('content-type')]).to.deep.equal([
      203,
      'Come back later.',
      'text/plain; charset=utf-8',
    ]);
    const empty = await servers.public(open(await nobody(), { route: prepared(204) }));
    expect((await ask(empty.port)).status).to.equal(204);
  });

  it('stands in for 502, 503 and 504, and for a service too slow or shut off; a 500 is an answer', async () => {
    for (const [status, expected] of [
      [500, 500],
      [502, 200],
      [503, 200],
      [504, 200],
      [404, 404],
      [201, 201],
    ] as const) {
      const upstream = await servers.upstream((_, res) => void res.writeHead(status).end());
      const gateway = await servers.public(open(upstream.url, { route: prepared(200) }));
      expect((await ask(gateway.port)).status, String(status)).to.equal(expected);
    }
    const silent = await servers.upstream(() => {});
    const slow = await servers.public(open(silent.url, { route: prepared(200), service: { timeouts: { attempt: '30ms' } } }));
    expect((await ask(slow.port)).status).to.equal(200);
    const shut = await servers.public(open(silent.url, { route: prepared(200), service: { circuitBreaker: { force: 'open' } } }));
    expect((await ask(shut.port)).status).to.equal(200);
  });

  const withArchive = (first: string, archive: string): Given => {
    const given = open(first, { route: { fallback: { service: 'archive' } } });
    return { ...given, services: { ...given.services, archive: { endpoints: [archive] } } };
  };

  it('may be another service, which gets the whole request', async () => {
    const archive = await servers.upstream();
    const breaking = await servers.upstream((req) => void req.resume().once('end', () => req.socket.resetAndDestroy()));
    const gateway = await servers.public(withArchive(breaking.url, archive.url));
    const answer = await ask(gateway.port, '/a?b=c', { method: 'PUT', body: 'all of it' });
    const echo = JSON.parse(answer.body) as Echo;
    expect([answer.status, echo.method, echo.url, echo.body]).to.deep.equal([200, 'PUT', '/a?b=c', 'all of it']);
    await gateway.drain();
    const line = gateway.logged().find(({ event }) => event === 'request');
    expect(line).to.include({ service: 'archive', status: 200, bytesIn: 9 });
  });

  it('unless too much of the request is gone for another', async () => {
    const archive = await servers.upstream();
    const breaking = await servers.upstream((req) => void req.resume().once('end', () => req.socket.resetAndDestroy()));
    const gateway = await servers.public(withArchive(breaking.url, archive.url));
    expect((await ask(gateway.port, '/', { method: 'PUT', body: 'x'.repeat(65 * 1024) })).status).to.equal(502);
    expect(archive.requests.length).to.equal(0);
  });

  it('that fails as well is what the client is told', async () => {
    const gateway = await servers.public(withArchive(await nobody(), await nobody()));
    const answer = await ask(gateway.port);
    expect([answer.status, answer.json()['code']]).to.deep.equal([502, 'connection-refused']);
  });

  it('is not for what the client did wrong', async () => {
    const upstream = await servers.upstream();
    const gateway = await servers.public(open(upstream.url, { route: prepared(200), public: { limits: { body: '1B' } } }));
    expect((await ask(gateway.port, '/', { method: 'POST', body: 'two' })).status).to.equal(413);
  });
});
