import { once } from 'node:events';
import { expect } from 'chai';
import { open as connect, parse, until, untilClosed } from '../support/client.ts';
import { freePorts } from '../support/free-ports.ts';
import { ask } from './support/ask.ts';
import { eventually } from './support/eventually.ts';
import { given, json } from './support/made-of-parts.ts';
import { serversOfThisSuite } from './support/servers.ts';

describe('an answer of parts is accounted for', () => {
  const servers = serversOfThisSuite();
  const required = { service: 'users', path: '/users/{id}', required: true };
  /** What reached clients as failures of a service, as Hystrix counts it. */
  const thrown = async (gateway: { admin: string }, service: string) => {
    const stream = await fetch(`${gateway.admin}/hystrix.stream`);
    const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader();
    let received = '';
    const found = () => new RegExp(`^data: (.*"type":"HystrixCommand","name":"${service}".*)$`, 'm').exec(received)?.[1];
    while (found() === undefined) received += (await reader?.read())?.value ?? expect.fail(received);
    await reader?.cancel();
    return (JSON.parse(found() ?? '') as Record<string, number>)['rollingCountExceptionsThrown'];
  };
  const requestLine = (gateway: { logged(): Record<string, unknown>[] }) => gateway.logged().find(({ event }) => event === 'request');

  it('as one whose client left, although all parts are optional', async () => {
    let asked = 0;
    const slow = await servers.upstream(() => {
      asked += 1;
    });
    const parts = { a: { service: 'users', path: '/a', default: 1 }, b: { service: 'users', path: '/b', default: 2 } };
    const gateway = await servers.public(given(parts, { users: slow.url }));
    const client = await connect(gateway.port);
    client.write('GET /dashboard/7 HTTP/1.1\r\nHost: a\r\n\r\n');
    await eventually(
      () => asked,
      (count) => count === 2,
    );
    client.destroy();
    const line = await eventually(
      () => requestLine(gateway),
      (found) => found !== undefined,
    );
    expect(line).to.include({ problem: 'client-closed' });
    expect(line?.['parts']).to.match(/a=client-closed:.* b=client-closed:/);
  });

  it('by the service that a required part failed at, and not by one that was well', async () => {
    const [nobody] = await freePorts(1);
    const users = await servers.upstream(json({ id: 7 }));
    const parts = { user: required, orders: { service: 'orders', path: '/orders/{parts.user.id}', required: true } };
    const gateway = await servers.private(given(parts, { users: users.url, orders: `http://127.0.0.1:${nobody}` }));
    const answer = await ask(gateway.port, '/dashboard/7');
    expect([answer.status, answer.header('proxy-status')]).to.deep.equal([
      502,
      'private-gateway; error=connection_refused; next-hop="orders"',
    ]);
    expect(await Promise.all([thrown(gateway, 'orders'), thrown(gateway, 'users')])).to.deep.equal([1, 0]);
  });

  it('as a failure of the service that cut its refusal', async () => {
    const users = await servers.upstream((_, res) => {
      res.writeHead(404, { 'content-type': 'text/plain', 'content-length': '100000' }).write('x'.repeat(90_000), () => res.destroy());
    });
    const gateway = await servers.public(given({ user: required }, { users: users.url }));
    await ask(gateway.port, '/dashboard/7');
    expect(await thrown(gateway, 'users')).to.equal(1);
  });

  it('to a HEAD at once, when a required part was refused by an answer that does not end', async () => {
    const users = await servers.upstream((_, res) => void res.writeHead(403, { 'content-type': 'text/plain', 'x-why': 'no' }).write('abc'));
    const gateway = await servers.public(given({ user: required }, { users: users.url }));
    const head = await ask(gateway.port, '/dashboard/7', { method: 'HEAD' });
    expect([head.status, head.header('x-why'), head.body]).to.deep.equal([403, 'no', '']);
    await eventually(
      () => users.connections.every(({ destroyed }) => destroyed),
      (closed) => closed,
    );
  });

  it('and normalized, when a required part was refused, through either gateway', async () => {
    const users = await servers.upstream((_, res) => void res.writeHead(404, { 'content-type': 'text/html' }).end('<h1>nope</h1>'));
    const config = given({ user: required }, { users: users.url }, {}, {}, { normalizeErrors: true });
    for (const gateway of [await servers.public(config), await servers.private(config)]) {
      const answer = await ask(gateway.port, '/dashboard/7');
      expect([answer.status, answer.header('content-type')]).to.deep.equal([404, 'application/problem+json']);
      expect(answer.json()).to.include({ code: 'service-error', title: 'Not Found' });
    }
  });

  for (const [what, status] of [
    ['made', 200],
    ['refused', 404],
  ] as const)
    it(`on a connection that ends with it, when it was ${what} and nobody read the upload`, async () => {
      const users = await servers.upstream((_, res) => void res.writeHead(status, { 'content-type': 'application/json' }).end('{}'));
      const gateway = await servers.public(given({ user: required }, { users: users.url }));
      const client = await connect(gateway.port);
      client.write('GET /dashboard/7 HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\nabc');
      const answer = parse(await untilClosed(client));
      expect([answer.status, answer.headers['connection']]).to.deep.equal([status, ['close']]);
    });

  it('on a connection that goes on, when there was none', async () => {
    const users = await servers.upstream(json({}));
    const gateway = await servers.public(given({ user: required }, { users: users.url }));
    const client = await connect(gateway.port);
    for (const _ of [1, 2]) {
      client.write('GET /dashboard/7 HTTP/1.1\r\nHost: a\r\n\r\n');
      expect(await until(client, (received) => received.endsWith('{"user":{}}'))).not.to.match(/connection: close/i);
    }
    client.end();
    await once(client, 'close');
  });
});
