import { Agent, request as ask, type IncomingMessage, type ServerResponse } from 'node:http';
import { expect } from 'chai';
import { type DnsServer, startDnsServer } from '../support/dns-server.ts';
import { type EurekaServer, eurekaInstance, startEurekaServer } from '../support/eureka-server.ts';
import { open } from '../support/gateways.ts';
import type { Upstream } from '../support/upstream.ts';
import { ask as once } from './support/ask.ts';
import { eventually } from './support/eventually.ts';
import { scrape } from './support/prometheus.ts';
import { serversOfThisSuite } from './support/servers.ts';

describe('Endpoints come and go without a lost request', () => {
  const servers = serversOfThisSuite();
  let dns: DnsServer;
  let eureka: EurekaServer;

  before(async () => {
    dns = await startDnsServer();
    servers.defer(() => dns.close());
    eureka = await startEurekaServer();
    servers.defer(() => eureka.close());
  });

  const given = (service: object) => ({
    ...open('', { service: { endpoints: undefined, retry: { attempts: 0 }, refresh: '20ms', ...service } }),
    registry: { eureka: [eureka.url], dns: { servers: [dns.address] } },
  });
  const register = ({ port }: Upstream, more: object = {}) =>
    eureka.set(eurekaInstance('UPSTREAM', port, { hostName: '127.0.0.1', ...more }));
  const cancel = ({ port }: Upstream) => eureka.delete(`127.0.0.1:upstream:${port}`);

  it('under steady load, though no request is made twice', async () => {
    const upstreams = await Promise.all(
      Array.from({ length: 6 }, () => servers.upstream((_, res) => void setImmediate(() => res.end('ok')))),
    );
    const [first] = upstreams;
    if (!first) throw new Error('no upstream');
    register(first);
    const gateway = await servers.public({ ...given({ registry: 'eureka' }), telemetry: { accessLog: false } });
    await eventually(
      () => once(gateway.port),
      ({ status }) => status === 200,
    );

    const agent = new Agent({ keepAlive: true, maxSockets: 16 });
    servers.defer(() => agent.destroy());
    const statuses = new Map<string, number>();
    let loading = true;
    const client = async () => {
      while (loading) {
        const came = await statusOf(gateway.port, agent);
        statuses.set(came, (statuses.get(came) ?? 0) + 1);
      }
    };
    const clients = Array.from({ length: 16 }, client);
    try {
      // Each joins, takes its share, and leaves while requests to it are in flight.
      for (const upstream of upstreams.slice(1)) {
        register(upstream);
        await eventually(
          () => upstream.requests.length,
          (count) => count > 50,
        );
        cancel(upstream);
        let before = -1;
        await eventually(
          () => {
            const still = upstream.requests.length === before;
            before = upstream.requests.length;
            return still;
          },
          (still) => still,
        );
      }
    } finally {
      loading = false;
    }
    await Promise.all(clients);
    expect([...statuses.keys()]).to.deep.equal(['200']);
    expect(
      (await scrape(gateway.admin)).named('gateway_endpoint_health').map(({ labels }) => labels['gateway_endpoint_address']),
    ).to.deep.equal([`127.0.0.1:${first.port}`]);
  });

  it('one that leaves gets no new request, finishes those in flight, and is then hung up on', async () => {
    const held: ServerResponse[] = [];
    const slow = await servers.upstream((_: IncomingMessage, res) => {
      res.writeHead(200, { 'content-length': 6 }).write('one');
      held.push(res);
    });
    const other = await servers.upstream((_, res) => void res.end('other'));
    for (const id of [...eureka.instances.keys()]) eureka.delete(id);
    register(slow);
    const gateway = await servers.public(given({ registry: 'eureka' }));
    await eventually(() => gateway.logged().some(({ event }) => event === 'endpoints-changed'), Boolean);
    const answer = once(gateway.port);
    await eventually(
      () => held.length,
      (count) => count > 0,
    );
    register(other);
    cancel(slow);
    await eventually(
      () => gateway.logged().filter(({ event, left }) => event === 'endpoints-changed' && Array.isArray(left) && left.length > 0).length,
      (count) => count === 1,
    );
    const received = slow.requests.length;
    for (let asked = 0; asked < 10; asked += 1) expect((await once(gateway.port)).body).to.equal('other');
    expect(slow.requests.length).to.equal(received);
    expect(slow.connections.some((socket) => !socket.destroyed)).to.equal(true);
    for (const res of held) res.end('two');
    expect(await answer).to.include({ status: 200, body: 'onetwo' });
    await eventually(() => slow.connections.every((socket) => socket.destroyed), Boolean);
  });

  it('by DNS as by Eureka; an endpoint that stays keeps its connection', async () => {
    const [one, two] = [await servers.upstream(), await servers.upstream()];
    const name = (port: number) => ({ priority: 1, weight: 1, port, target: 'search.internal' });
    dns.records.set('search.internal', ['127.0.0.1']);
    dns.records.set('_http._tcp.search.internal', [name(one.port)]);
    const gateway = await servers.public(given({ registry: 'srv', name: '_http._tcp.search.internal', balancer: 'roundRobin' }));
    await eventually(
      () => once(gateway.port),
      ({ status }) => status === 200,
    );
    dns.records.set('_http._tcp.search.internal', [name(one.port), name(two.port)]);
    await eventually(
      () => once(gateway.port),
      () => two.requests.length > 0,
    );
    dns.records.set('_http._tcp.search.internal', [name(one.port)]);
    const changes = () => gateway.logged().filter(({ event }) => event === 'endpoints-changed').length;
    await eventually(changes, (count) => count === 3);
    const received = two.requests.length;
    for (let asked = 0; asked < 4; asked += 1) expect((await once(gateway.port)).status).to.equal(200);
    expect(two.requests.length).to.equal(received);
    expect(one.connections).to.have.length(1);
  });

  it('an endpoint of a higher priority number stands by until the others fail', async () => {
    const [first, spare] = [await servers.upstream(), await servers.upstream()];
    const name = (port: number, priority: number) => ({ priority, weight: 1, port, target: 'search.internal' });
    dns.records.set('search.internal', ['127.0.0.1']);
    dns.records.set('_http._tcp.spare.internal', [name(spare.port, 20), name(first.port, 10)]);
    // Two requests that are made twice, which the budget allows, and then it is out.
    const patience = { retry: { attempts: 1 }, outlier: { consecutiveErrors: 2 } };
    const gateway = await servers.public(given({ registry: 'srv', name: '_http._tcp.spare.internal', ...patience }));
    await eventually(
      () => once(gateway.port),
      ({ status }) => status === 200,
    );
    for (let asked = 0; asked < 10; asked += 1) expect((await once(gateway.port)).status).to.equal(200);
    expect(spare.requests).to.have.length(0);
    await first.close();
    for (let asked = 0; asked < 10; asked += 1) expect((await once(gateway.port)).status).to.equal(200);
    expect(spare.requests).to.have.length(10);
  });
});

function statusOf(port: number, agent: Agent): Promise<string> {
  return new Promise((resolve) => {
    const asked = ask({ port, host: '127.0.0.1', path: '/', agent }, (res) => {
      res.resume();
      res.on('end', () => resolve(String(res.statusCode)));
      res.on('error', (error) => resolve(error.message));
    });
    asked.on('error', (error) => resolve(error.message));
    asked.end();
  });
}
