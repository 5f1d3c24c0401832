import type { Socket } from 'node:net';
import { expect } from 'chai';
import { asksUpgrade } from '../conformance/support/handshake.ts';
import { open as connect } from '../support/client.ts';
import { type Given, open, type TestGateway } from '../support/gateways.ts';
import { ask } from './support/ask.ts';
import { eventually } from './support/eventually.ts';
import { atRest, type Holding, holding, placesOf } from './support/holding.ts';
import { scrape } from './support/prometheus.ts';
import { serversOfThisSuite } from './support/servers.ts';

describe('the queue before a service with as many requests as it can take', () => {
  const servers = serversOfThisSuite();
  /** A route for each priority. */
  const withPriorities = (url: string, service: object): Given => {
    const given = open(url, { service });
    const route = (priority: string) => ({
      ...given.routes?.[0],
      name: priority,
      match: { pathPrefix: `/${priority}` },
      priority,
      upgrade: ['websocket'],
    });
    return { ...given, routes: ['critical', 'normal', 'background'].map(route) };
  };
  const gatewayTo = (service: Holding, queue: number, more: object = {}) =>
    servers.public(withPriorities(service.url, { concurrency: { limit: 1, queue }, circuitBreaker: { force: 'closed' }, ...more }));

  /** Resolves when as many requests are in the gateway, at the service or before it. */
  const arrived = ({ admin }: TestGateway, count: number) =>
    eventually(
      async () => (await scrape(admin)).named('http_server_active_requests').reduce((total, { value }) => total + value, 0),
      (active) => active === count,
    );

  it('is left as places come, by the highest priority first, and in each by the oldest', async () => {
    const service = await holding(servers);
    const gateway = await gatewayTo(service, 6);
    const order: string[] = [];
    const comers = ['/normal/0', '/background/1', '/normal/2', '/background/3', '/critical/4', '/normal/5', '/critical/6'];
    const served: Promise<unknown>[] = [];
    for (const path of comers) {
      served.push(ask(gateway.port, path).then(({ status, body }) => void order.push(`${status} ${body}`)));
      await arrived(gateway, served.length);
    }
    expect(service.held.map(({ req }) => req.url)).to.deep.equal(['/normal/0']);
    expect((await placesOf(gateway)).inFlight).to.equal(1);
    for (const _ of comers) {
      await service.holds(1);
      service.answer();
    }
    await Promise.all(served);
    expect(order).to.deep.equal([
      '200 /normal/0',
      '200 /critical/4',
      '200 /critical/6',
      '200 /normal/2',
      '200 /normal/5',
      '200 /background/1',
      '200 /background/3',
    ]);
    expect((await atRest(gateway)).rejected).to.deep.equal({});
  });

  it('turns away its lowest, newest member for a comer of a higher priority, and any other comer', async () => {
    const service = await holding(servers);
    const gateway = await gatewayTo(service, 3);
    const came: Promise<string>[] = [];
    const comes = async (path: string, active: number) => {
      came.push(
        ask(gateway.port, path).then((answer) => `${answer.status} ${answer.status === 200 ? answer.body : answer.json()['code']}`),
      );
      await arrived(gateway, active);
    };
    await comes('/normal/0', 1);
    await comes('/background/1', 2);
    await comes('/normal/2', 3);
    await comes('/background/3', 4);
    await comes('/background/4', 4); // the queue is full of no lower ones
    await comes('/normal/5', 4); // for 3
    await comes('/critical/6', 4); // for 1
    await comes('/critical/7', 4); // for 5
    await comes('/normal/8', 4);
    await comes('/critical/9', 4); // for 2
    await comes('/critical/10', 4);
    for (const held of ['/normal/0', '/critical/6', '/critical/7', '/critical/9']) {
      await service.holds(1);
      expect(service.held[0]?.req.url).to.equal(held);
      service.answer();
    }
    const refused = '503 concurrency-limited';
    expect(await Promise.all(came)).to.deep.equal([
      '200 /normal/0',
      refused,
      refused,
      refused,
      refused,
      refused,
      '200 /critical/6',
      '200 /critical/7',
      refused,
      '200 /critical/9',
      refused,
    ]);
    expect((await atRest(gateway)).rejected).to.deep.equal({ background: 3, normal: 3, critical: 1 });
  });

  it('has a spot more when a client in it leaves', async () => {
    const service = await holding(servers);
    const gateway = await gatewayTo(service, 1);
    const first = ask(gateway.port, '/normal/first');
    await service.holds(1);
    const leaves = async (bytes: string, leave: (client: Socket) => unknown) => {
      const client = await connect(gateway.port);
      client.on('error', () => {}).write(bytes);
      await arrived(gateway, 2);
      expect((await ask(gateway.port, '/normal/refused')).status).to.equal(503);
      leave(client);
      await arrived(gateway, 1);
    };
    await leaves('GET /normal HTTP/1.1\r\nHost: a\r\n\r\n', (client) => client.resetAndDestroy());
    await leaves('GET /critical HTTP/1.1\r\nHost: a\r\n\r\n', (client) => client.destroy());
    await leaves(asksUpgrade().replace('/chat', '/normal'), (client) => client.end());
    await leaves('POST /normal HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhalf', (client) => client.destroy());
    const next = ask(gateway.port, '/normal/next');
    await arrived(gateway, 2);
    service.answer();
    expect((await first).body).to.equal('/normal/first');
    await service.holds(1);
    service.answer();
    expect((await next).body).to.equal('/normal/next');
    expect((await atRest(gateway)).rejected).to.deep.equal({ normal: 4 });
  });

  it('is left by one whose client leaves as its turn comes, and the next is served', async () => {
    const service = await holding(servers);
    const gateway = await gatewayTo(service, 2);
    for (let round = 0; round < 10; round += 1) {
      const first = ask(gateway.port, '/normal/first');
      await service.holds(1);
      const leaving = await connect(gateway.port);
      leaving.on('error', () => {}).write('GET /normal/leaving HTTP/1.1\r\nHost: a\r\n\r\n');
      await arrived(gateway, 2);
      const next = ask(gateway.port, '/normal/next');
      await arrived(gateway, 3);
      service.answer();
      leaving.resetAndDestroy();
      await first;
      await eventually(
        () => service.held.map(({ req }) => req.url),
        (held) => held.includes('/normal/next'),
      );
      service.held.splice(0, service.held.length - 1);
      service.answer();
      expect((await next).body).to.equal('/normal/next');
      await atRest(gateway);
    }
  });

  it('keeps nobody past the time that it has', async () => {
    const service = await holding(servers);
    const gateway = await servers.private(
      open(service.url, { service: { concurrency: { limit: 1, queue: 2 }, circuitBreaker: { force: 'closed' } } }),
    );
    const first = ask(gateway.port);
    await service.holds(1);
    for (let left = 1; left <= 30; left += 1) {
      const late = await ask(gateway.port, '/', { headers: { 'x-gateway-time-left': String(left) } });
      expect([late.status, late.json()['code']]).to.deep.equal([504, 'caller-gone']);
    }
    service.answer();
    expect((await first).status).to.equal(200);
    expect((await atRest(gateway)).rejected).to.deep.equal({});
  });

  it('passes on the whole of an upload that had to wait', async () => {
    const service = await holding(servers);
    const gateway = await gatewayTo(service, 1);
    const first = ask(gateway.port, '/normal/first');
    await service.holds(1);
    const upload = ask(gateway.port, '/normal/upload', { method: 'POST', body: 'x'.repeat(300_000) });
    await arrived(gateway, 2);
    service.answer();
    await first;
    await service.holds(1);
    const chunks: Buffer[] = [];
    for await (const chunk of service.held[0]?.req ?? []) chunks.push(chunk);
    service.answer();
    expect([(await upload).status, Buffer.concat(chunks).length]).to.deep.equal([200, 300_000]);
  });

  it('may be none: then a place is kept for those of a higher priority who came lately', async () => {
    const service = await holding(servers);
    const gateway = await servers.public(withPriorities(service.url, { concurrency: { limit: 4 }, circuitBreaker: { force: 'closed' } }));
    const served: Promise<unknown>[] = [];
    const enters = async (path: string, count: number) => {
      served.push(ask(gateway.port, path));
      await service.holds(count);
    };
    for (let count = 1; count <= 4; count += 1) await enters('/background', count);
    // Nothing was kept for them yet.
    expect((await ask(gateway.port, '/critical')).status).to.equal(503);
    service.answer();
    await eventually(
      () => placesOf(gateway),
      ({ inFlight }) => inFlight === 3,
    );
    for (let asked = 0; asked < 5; asked += 1) expect((await ask(gateway.port, '/background')).status).to.equal(503);
    await enters('/critical', 4);
    while (service.held.length > 0) service.answer();
    await Promise.all(served);
    expect((await atRest(gateway)).rejected).to.deep.equal({ critical: 1, background: 5 });
  });
});
