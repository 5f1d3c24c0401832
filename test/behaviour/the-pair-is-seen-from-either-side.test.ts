import { createServer, type Server } from 'node:http';
import { expect } from 'chai';
import { freePorts } from '../support/free-ports.ts';
import { ADMIN_TOKEN, type Given, open } from '../support/gateways.ts';
import { readEvents, type ToldEvent } from './support/events.ts';
import { serversOfThisSuite } from './support/servers.ts';

describe('The pair is seen from either side', () => {
  const servers = serversOfThisSuite();
  let given: (more?: { public?: object; private?: object }) => Given;
  before(async () => {
    const upstream = await servers.upstream();
    given = (more = {}) => open(upstream.url, more);
  });

  const read = async (admin: string, query = '') => {
    const feed = await readEvents(admin, query);
    servers.defer(() => feed.close());
    return feed;
  };
  const stateOf =
    (gateway: string) =>
    ({ event, data }: ToldEvent) =>
      event === 'state' && data['gateway'] === gateway;
  const standing =
    (is: string) =>
    ({ event, data }: ToldEvent) =>
      event === 'peer' && (data['standing'] as { is: string }).is === is;
  /** An admin port that tells this, and holds the connection. */
  const peerThatTells = async (text: string): Promise<string> => {
    const server: Server = createServer((_req, res) => res.writeHead(200, { 'content-type': 'text/event-stream' }).write(text));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    servers.defer(() => {
      server.closeAllConnections();
      server.close();
    });
    return `http://127.0.0.1:${(server.address() as { port: number }).port}`;
  };

  it('all of a gateway at once, then no more than what changed', async () => {
    const gateway = await servers.public(given());
    const feed = await read(gateway.admin);
    const { data } = await feed.first(stateOf('public-gateway'));
    expect(data['services']).to.have.nested.property('upstream.circuit', 'closed');
    expect(data['routes']).to.have.nested.property('open.access', 'anonymous');
    expect(data['ready']).to.deep.equal({ ok: true, failing: [] });
    await fetch(`${gateway.url}/x`);
    const change = await feed.first(({ event, data }) => event === 'change' && 'services' in data);
    expect(change.data['gateway']).to.equal('public-gateway');
    expect(change.data['services']).to.have.nested.property('upstream.counts.success', 1);
    expect(JSON.stringify(change.data)).to.not.contain('"access"').and.to.not.contain('"revision"');
  });

  it('the other gateway too, from its own admin port, with what it changes', async () => {
    const inside = await servers.private(given());
    const edge = await servers.public(given({ public: { admin: { peer: inside.admin } } }));
    const feed = await read(edge.admin);
    const { data } = await feed.first(stateOf('private-gateway'));
    expect(data['routes']).to.have.nested.property('open.access', 'tests');
    await feed.first(standing('live'));
    await fetch(`${inside.url}/x`);
    await feed.first(({ event, data }) => event === 'change' && data['gateway'] === 'private-gateway' && 'services' in data);
  });

  it('whoever comes later, and finds all of both', async () => {
    const inside = await servers.private(given());
    const edge = await servers.public(given({ public: { admin: { peer: inside.admin } } }));
    const early = await read(edge.admin);
    await early.first(stateOf('private-gateway'));
    const late = await read(edge.admin);
    const { data } = await late.first(stateOf('private-gateway'));
    expect(data).to.include.keys('services', 'routes', 'history');
    await late.first(stateOf('public-gateway'));
  });

  it('each of them once, though each is the peer of the other', async () => {
    const [port = 0] = await freePorts(1);
    const inside = await servers.private(given({ private: { admin: { peer: `http://127.0.0.1:${port}` } } }));
    const edge = await servers.public(given({ public: { admin: { port, peer: inside.admin } } }));
    const [own, pair, other] = [await read(inside.admin, '?own'), await read(edge.admin), await read(inside.admin)];
    await pair.first(({ event, data }) => event === 'change' && data['gateway'] === 'private-gateway');
    await other.first(({ event, data }) => event === 'change' && data['gateway'] === 'public-gateway');
    await own.first(({ event }) => event === 'change');
    for (const { told } of [pair, other])
      for (const gateway of ['public-gateway', 'private-gateway']) expect(told.filter(stateOf(gateway)), gateway).to.have.length(1);
    expect(new Set(own.told.map(({ data }) => data['gateway']))).to.deep.equal(new Set(['private-gateway']));
    expect(own.told.filter(({ event }) => event === 'peer')).to.deep.equal([]);
  });

  it('that it is away, and why, and that it is back', async () => {
    const peer = 'http://127.0.0.9:1';
    const edge = await servers.public(given({ public: { admin: { peer } } }));
    const { data } = await (await read(edge.admin)).first(standing('away'));
    expect(data).to.deep.include({ gateway: 'private-gateway', url: peer });
    expect(data['standing']).to.have.property('why').that.contains('ECONNREFUSED');

    const inside = await servers.private(given());
    const other = await servers.public(given({ public: { admin: { peer: inside.admin } } }));
    const feed = await read(other.admin);
    await feed.first(standing('live'));
    await inside.stop();
    const lost = await feed.first(standing('away'));
    expect(lost.data['standing']).to.include.keys('since', 'why');
    await servers.private(given({ private: { admin: { port: Number(new URL(inside.admin).port) } } }));
    await feed.first((told) => feed.told.indexOf(told) > feed.told.indexOf(lost) && stateOf('private-gateway')(told));
  }).timeout(30_000);

  it('but nobody else in its place, least of all itself', async () => {
    const strange = { ...{ gateway: 'public-gateway' }, services: {} };
    const deep = `{"gateway":"private-gateway","a":${'{"a":'.repeat(5_000)}1${'}'.repeat(5_001)}`;
    for (const [text, why] of [
      [`event: state\ndata: ${JSON.stringify(strange)}\n\n`, 'it is not the private-gateway'],
      [`event: state\ndata: ${deep}\n\n`, 'it tells what no gateway does'],
      ['event: state\ndata: {"gateway":"private-gateway",\ndata: "services":{}}\n\n', 'it tells what no gateway does'],
      ['event: state\ndata: nonsense\n\n', 'nonsense'],
      [`data: ${'x'.repeat(5 * 1024 * 1024)}`, 'an event is longer than'],
    ] as const) {
      const edge = await servers.public(given({ public: { admin: { peer: await peerThatTells(text) } } }));
      const feed = await read(edge.admin);
      const { data } = await feed.first(standing('away'));
      expect((data['standing'] as { why: string }).why, why).to.contain(why);
      expect(feed.told.some(stateOf('private-gateway'))).to.equal(false);
      await feed.first(({ event, data }) => event === 'change' && data['gateway'] === 'public-gateway');
    }
  }).timeout(30_000);

  it('but nothing of who tells too much, too often, or nothing for ever', async () => {
    const inside = await servers.private(given());
    const { data: state } = await (await read(inside.admin, '?own')).first(stateOf('private-gateway'));
    const whole = `event: state\ndata: ${JSON.stringify(state)}\n\n`;
    const change = `event: change\ndata: ${JSON.stringify({ gateway: 'private-gateway', overload: 0 })}\n\n`;
    for (const [text, why] of [
      [whole + change.repeat(100), 'it tells more often than any gateway does'],
      [`${whole}${`: ${'x'.repeat(1_000)}\n`.repeat(20_000)}`, 'it tells more than any gateway does'],
      [`event: state\ndata: ${JSON.stringify({ ...state, services: undefined })}\n\n`, 'it tells what no gateway of this version does'],
      [`event: state\ndata: ${JSON.stringify({ ...state, services: { a: { circuit: 'constructor' } } })}\n\n`, 'of this version'],
    ] as const) {
      const edge = await servers.public(given({ public: { admin: { peer: await peerThatTells(text) } } }));
      const { data } = await (await read(edge.admin)).first(standing('away'));
      expect((data['standing'] as { why: string }).why, why).to.contain(why);
    }
  }).timeout(30_000);

  it('without a word of the token to who answers on this machine in its place', async () => {
    const [port = 0] = await freePorts(1);
    const asked = Promise.withResolvers<string | undefined>();
    const stranger = createServer((req, res) => {
      asked.resolve(req.headers.authorization);
      res.end();
    });
    await new Promise<void>((resolve) => stranger.listen(port, '127.0.0.1', resolve));
    servers.defer(() => {
      stranger.closeAllConnections();
      stranger.close();
    });
    const edge = await servers.public(given({ private: { admin: { port } }, public: { admin: { peer: undefined } } }));
    await read(edge.admin);
    expect(await asked.promise).to.equal(undefined);
  });

  it('with the token that both have, where the admin port is open to other machines; the page asks for it', async () => {
    const inside = await servers.private(given({ private: { admin: { host: '0.0.0.0' } } }));
    const admin = `http://127.0.0.1:${new URL(inside.admin).port}`;
    expect((await fetch(`${admin}/events`)).status).to.equal(401);
    for (const path of ['/', '/page/style.css', '/admin/page/main.js']) expect((await fetch(admin + path)).status, path).to.equal(200);
    const edge = await servers.public(given({ public: { admin: { peer: admin } } }));
    await (await read(edge.admin)).first(stateOf('private-gateway'));
    const stranger = await servers.public(given({ public: { admin: { peer: admin, token: 'another-token-altogether' } } }));
    const { data } = await (await read(stranger.admin)).first(standing('away'));
    expect((data['standing'] as { why: string }).why).to.equal('it answered 401');
  });

  it('nobody, where no peer is wanted', async () => {
    const edge = await servers.public(given({ public: { admin: { peer: false } } }));
    const feed = await read(edge.admin);
    await feed.first(({ event }) => event === 'change');
    expect(feed.told.filter(({ data }) => data['gateway'] !== 'public-gateway')).to.deep.equal([]);
  });

  it('as many as may look, and the next one is told so', async () => {
    const edge = await servers.public(given());
    const feeds = await Promise.all(Array.from({ length: 16 }, () => read(edge.admin)));
    expect((await fetch(`${edge.admin}/events`)).status).to.equal(503);
    // Peers have places of their own.
    await (await read(edge.admin, '?own')).first(stateOf('public-gateway'));
    feeds[0]?.close();
    let status = 503;
    while (status === 503) {
      const response = await fetch(`${edge.admin}/events`);
      status = response.status;
      await response.body?.cancel();
    }
    expect(status).to.equal(200);
  });

  it('on a page that asks nobody but its own server', async () => {
    const edge = await servers.public(given());
    const response = await fetch(`${edge.admin}/`);
    expect(await response.text()).to.contain('<title>Dashboard');
    expect(response.headers.get('content-security-policy')).to.contain("default-src 'none'").and.to.contain("connect-src 'self'");
  });

  it('without a secret of the configuration', async () => {
    const edge = await servers.public(given({ public: { rateLimit: '10/s' } }));
    const { data } = await (await read(edge.admin)).first(stateOf('public-gateway'));
    expect(JSON.stringify(data)).to.not.contain(ADMIN_TOKEN);
    expect(Object.keys(data)).to.have.members([
      'gateway',
      'postern',
      'revision',
      'at',
      'started',
      'ready',
      'overload',
      'services',
      'routes',
      'total',
      'who',
      'traffic',
      'reload',
      'history',
    ]);
  });
});
