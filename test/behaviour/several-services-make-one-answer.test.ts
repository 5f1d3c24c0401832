import type { RequestListener } from 'node:http';
import { expect } from 'chai';
import { freePorts } from '../support/free-ports.ts';
import { ask } from './support/ask.ts';
import { eventually } from './support/eventually.ts';
import { given, json } from './support/made-of-parts.ts';
import { serversOfThisSuite } from './support/servers.ts';

describe('an answer made of parts', () => {
  const servers = serversOfThisSuite();
  const parts = {
    user: { service: 'users', path: '/users/{id}', required: true },
    orders: { service: 'orders', path: '/orders?user={id}', default: [] },
  };

  it('has each part under its name, through either gateway', async () => {
    const users = await servers.upstream(json({ name: 'Ann' }));
    const orders = await servers.upstream(json([1, 2]));
    const config = given(parts, { users: users.url, orders: orders.url });
    for (const gateway of [await servers.public(config), await servers.private(config)]) {
      const answer = await ask(gateway.port, '/dashboard/7?x=1', {
        headers: { 'if-none-match': '"a"', range: 'bytes=0-1', accept: 'text/html' },
      });
      expect([answer.status, answer.body]).to.deep.equal([200, '{"user":{"name":"Ann"},"orders":[1,2]}']);
      expect([answer.header('content-type'), answer.header('x-postern-completed')]).to.deep.equal(['application/json', 'true']);
      expect(answer.header('x-request-id')).to.be.a('string');
      expect((await ask(gateway.port, '/dashboard/7', { method: 'HEAD' })).body).to.equal('');
      expect((await ask(gateway.port, '/dashboard/7', { method: 'POST', body: 'x' })).status).to.equal(405);
    }
    const [asked] = orders.requests;
    expect([asked?.method, asked?.url]).to.deep.equal(['GET', '/orders?user=7']);
    expect(asked?.headers).to.include({ accept: 'application/json', 'accept-encoding': 'identity' });
    expect(asked?.headers).not.to.have.any.keys('if-none-match', 'range');
    expect(asked?.headers).to.include.keys('x-request-id', 'x-forwarded-for');
  });

  it('is asked for at once, part by part where one is made from another', async () => {
    const waiting: (() => void)[] = [];
    const both: RequestListener = (req, res) => {
      waiting.push(() => json({ id: req.url })(req, res));
      // Neither is answered before both are asked.
      if (waiting.length === 2) for (const answer of waiting.splice(0)) answer();
    };
    const services = {
      a: (await servers.upstream(both)).url,
      b: (await servers.upstream(both)).url,
      c: (await servers.upstream(json('last'))).url,
    };
    const gateway = await servers.public(
      given(
        {
          last: { service: 'c', path: '/c?after={parts.a.id}' },
          a: { service: 'a', path: '/one' },
          b: { service: 'b', path: '/two' },
        },
        services,
      ),
    );
    const answer = await ask(gateway.port, '/dashboard/7');
    expect(answer.json()).to.deep.equal({ last: 'last', a: { id: '/one' }, b: { id: '/two' } });
  });

  it('is given without an optional part that is down, slow, wrong or no JSON, and says so', async () => {
    const users = await servers.upstream(json({ name: 'Ann' }));
    const [nobody] = await freePorts(1);
    const down = `http://127.0.0.1:${nobody}`;
    const slow = await servers.upstream(() => {});
    const wrong = await servers.upstream((_, res) => void res.writeHead(500).end());
    const html = await servers.upstream((_, res) => void res.writeHead(200, { 'content-type': 'text/html' }).end('<p>'));
    const stream = await servers.upstream(
      (_, res) => void res.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: 1\n\n'),
    );
    const broken = await servers.upstream((_, res) => void res.writeHead(200, { 'content-type': 'application/json' }).end('{"a":'));
    const large = await servers.upstream(json('x'.repeat(2_000)));
    const cut = await servers.upstream((_, res) => {
      res.writeHead(200, { 'content-type': 'application/json', 'content-length': '10' }).write('[1');
      setImmediate(() => res.destroy());
    });
    const cases: [string, string, object][] = [
      [down, 'connection-refused', {}],
      [slow.url, 'deadline-exceeded', { timeout: '50ms' }],
      [wrong.url, 'part-unavailable', {}],
      [html.url, 'part-unavailable', {}],
      [stream.url, 'part-unavailable', {}],
      [broken.url, 'part-unavailable', {}],
      [large.url, 'upstream-protocol-error', { limit: '1KiB' }],
      [cut.url, 'response-incomplete', {}],
    ];
    for (const [url, code, more] of cases) {
      const gateway = await servers.public(given({ ...parts, orders: { ...parts.orders, ...more } }, { users: users.url, orders: url }));
      const answer = await ask(gateway.port, '/dashboard/7');
      expect(answer.status, code).to.equal(200);
      expect([answer.header('x-postern-completed'), answer.header('cache-control')]).to.deep.equal(['false', 'no-store']);
      const { user, orders, _failures } = answer.json() as { user: object; orders: unknown; _failures: { orders: { code: string } } };
      expect([user, orders, _failures.orders.code]).to.deep.equal([{ name: 'Ann' }, [], code]);
      await gateway.drain();
      const line = gateway.logged().find(({ event }) => event === 'request');
      expect(line?.['parts'])
        .to.match(/user=success:[\d.]+/)
        .and.match(new RegExp(`orders=${code}:[\\d.]+`));
    }
  });

  it('is refused as a required part was, and fails as one did; what is still under way is given up', async () => {
    let left = 0;
    const slow = await servers.upstream((req) => void req.socket.once('close', () => (left += 1)));
    const missing = await servers.upstream(
      (_, res) => void res.writeHead(404, { 'content-type': 'text/plain', 'x-why': 'gone', 'content-length': '12' }).end('no such user'),
    );
    const refused = await servers.public(given(parts, { users: missing.url, orders: slow.url }));
    const answer = await ask(refused.port, '/dashboard/7');
    expect([answer.status, answer.body, answer.header('x-why')]).to.deep.equal([404, 'no such user', 'gone']);
    await eventually(
      () => left,
      (count) => count === 1,
    );

    const failing = await servers.upstream((_, res) => void res.writeHead(500).end('secret'));
    const gateway = await servers.public(given(parts, { users: failing.url, orders: slow.url }));
    const failed = await ask(gateway.port, '/dashboard/7');
    expect([failed.status, failed.json()['code']]).to.deep.equal([502, 'part-unavailable']);
    expect(failed.body).not.to.contain('secret');
    await eventually(
      () => left,
      (count) => count === 2,
    );
  });

  it('goes through the breaker and the limits of each service', async () => {
    const users = await servers.upstream(json({}));
    const orders = await servers.upstream(json([]));
    const config = given(parts, { users: users.url, orders: orders.url });
    Object.assign((config.services as { orders: object }).orders, { circuitBreaker: { force: 'open' } });
    const gateway = await servers.public(config);
    const answer = await ask(gateway.port, '/dashboard/7');
    expect((answer.json()['_failures'] as { orders: object }).orders).to.include({ code: 'circuit-open' });
    expect(orders.requests).to.have.length(0);
  });

  it('may be the fields of all in one object', async () => {
    const users = await servers.upstream(
      json({ name: 'Ann', plan: 'pro' }, { 'cache-control': 'private, max-age=60', vary: 'Accept-Language' }),
    );
    const orders = await servers.upstream(json({ plan: 'team', total: 3 }, { 'cache-control': 'max-age=5' }));
    const { default: _, ...plain } = parts.orders;
    const gateway = await servers.public(given({ ...parts, orders: plain }, { users: users.url, orders: orders.url }, { merge: true }));
    const answer = await ask(gateway.port, '/dashboard/7');
    expect(answer.json()).to.deep.equal({ name: 'Ann', plan: 'team', total: 3 });
    expect([answer.header('cache-control'), answer.header('vary')]).to.deep.equal(['private, max-age=5', 'Accept-Language']);
  });

  it('is given up with its client', async () => {
    let left = 0;
    let asked = 0;
    const slow = await servers.upstream((req) => {
      asked += 1;
      req.socket.once('close', () => (left += 1));
    });
    const gateway = await servers.public(given(parts, { users: slow.url, orders: slow.url }));
    const client = new AbortController();
    const answer = fetch(`http://127.0.0.1:${gateway.port}/dashboard/7`, { signal: client.signal }).catch((error: Error) => error.name);
    await eventually(
      () => asked,
      (count) => count === 2,
    );
    client.abort();
    expect(await answer).to.equal('AbortError');
    await eventually(
      () => left,
      (count) => count === 2,
    );
  });
});
