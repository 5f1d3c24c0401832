import type { IncomingMessage } from 'node:http';
import { get } from 'node:https';
import { expect } from 'chai';
import { certificateFolder } from '../support/certificates.ts';
import { testClock } from '../support/clock.ts';
import { open, type TestGateway, type TestOptions } from '../support/gateways.ts';
import { type Answer, type Asking, ask } from './support/ask.ts';
import { eventually } from './support/eventually.ts';
import { serversOfThisSuite } from './support/servers.ts';
import { as, jwt } from './support/tokens.ts';

describe('a client stays with its endpoint', () => {
  const servers = serversOfThisSuite();

  /** Services that answer which of them they are, in `by`. */
  const services = (count: number) => {
    const broken = new Set<string>();
    const listening = Array.from({ length: count }, async (_, index) => {
      const name = `endpoint ${index}`;
      return servers.upstream((_, res) => void res.writeHead(broken.has(name) ? 500 : 200, { by: name }).end());
    });
    return Promise.all(listening).then((upstreams) => ({ upstreams, broken, endpoints: upstreams.map(({ url }) => url) }));
  };

  const by = async ({ port }: TestGateway, asking: Asking = {}): Promise<string> => (await ask(port, '/', asking)).header('by') ?? '';

  describe('by a sticky cookie', () => {
    const start = async (options: TestOptions = {}, more: object = {}) => {
      const started = await services(3);
      const service = { endpoints: started.endpoints, sticky: { cookie: 'stuck' } };
      return { ...started, gateway: await servers.public(open('', { service, ...more }), options) };
    };
    const cookieOf = (answer: Answer) => /^stuck=[^;]*/.exec(answer.header('set-cookie') ?? '')?.[0] ?? '';
    const withCookie = (cookie: string): Asking => ({ headers: { cookie } });

    it('that is set once, for the session, out of reach of scripts and other sites, and tells no address', async () => {
      const { gateway, upstreams } = await start();
      const first = await ask(gateway.port);
      expect(first.header('set-cookie')).to.match(/^stuck=[\w-]{6}; Path=\/; HttpOnly; SameSite=Lax$/);
      const text = `${cookieOf(first)} ${Buffer.from(cookieOf(first).slice(6), 'base64url').toString('latin1')}`;
      for (const { port } of upstreams) expect(text).to.not.include(String(port));
      for (let asked = 0; asked < 30; asked += 1) {
        const later = await ask(gateway.port, '/', withCookie(`theme=dark; ${cookieOf(first)}`));
        expect([later.header('by'), later.header('set-cookie')]).to.deep.equal([first.header('by'), undefined]);
      }
    });

    it('that goes over HTTPS alone where the client came by it', async () => {
      const proxied = await start({}, { public: { trustedProxies: ['127.0.0.1'] } });
      const headers = { 'x-forwarded-proto': 'https' };
      expect((await ask(proxied.gateway.port, '/', { headers })).header('set-cookie')).to.match(/; SameSite=Lax; Secure$/);

      const folder = certificateFolder();
      servers.defer(folder.remove);
      const { certFile, keyFile, cert } = await folder.localhost();
      const listen = { tls: { cert: certFile, key: keyFile } };
      const secure = await start({ directory: folder.path }, { public: { listen } });
      const answer = await new Promise<IncomingMessage>((resolve, reject) => {
        get(`https://localhost:${secure.gateway.port}`, { ca: cert, agent: false }, (res) => resolve(res.resume())).on('error', reject);
      });
      expect(answer.headers['set-cookie']?.[0]).to.match(/; SameSite=Lax; Secure$/);
    });

    it('while that is available: then it goes to another, and stays there', async () => {
      const clock = testClock();
      const { gateway, broken } = await start({ clock });
      const first = await ask(gateway.port);
      const home = first.header('by') ?? '';
      broken.add(home);
      const statuses: number[] = [];
      let moved = first;
      while (moved.header('by') === home) {
        moved = await ask(gateway.port, '/', withCookie(cookieOf(first)));
        statuses.push(moved.status);
      }
      expect(statuses).to.deep.equal([500, 500, 500, 500, 500, 200]);
      const cookie = cookieOf(moved);
      expect(cookie)
        .to.match(/^stuck=/)
        .and.not.equal(cookieOf(first));

      // It stays when the first is well again, and is not even taken for the probe there: its session is elsewhere.
      broken.clear();
      clock.advance(30_001);
      for (let asked = 0; asked < 10; asked += 1) {
        const later = await ask(gateway.port, '/', withCookie(cookie));
        expect([later.header('by'), later.header('set-cookie')]).to.deep.equal([moved.header('by'), undefined]);
      }
      // Who has no cookie yet is.
      expect(await by(gateway)).to.equal(home);
      expect(await by(gateway, withCookie(cookieOf(first)))).to.equal(home);
    });

    it('or the one that is due for its probe, when it is that one', async () => {
      const clock = testClock();
      const { gateway, broken } = await start({ clock });
      const first = await ask(gateway.port);
      const home = first.header('by') ?? '';
      broken.add(home);
      for (let asked = 0; asked < 5; asked += 1) await ask(gateway.port, '/', withCookie(cookieOf(first)));
      expect(await by(gateway, withCookie(cookieOf(first)))).to.not.equal(home);
      broken.clear();
      clock.advance(30_001);
      expect(await by(gateway, withCookie(cookieOf(first)))).to.equal(home);
    });

    it('also when a connection to it had been closed for idleness', async () => {
      // Answers the first request of each connection, and closes it when the second comes.
      const closing = await Promise.all(
        [0, 1, 2].map((index) => {
          const seen = new WeakSet<object>();
          return servers.rawUpstream((socket) => {
            if (seen.has(socket)) return void socket.end();
            seen.add(socket);
            socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 0\r\nBy: endpoint ${index}\r\n\r\n`);
          });
        }),
      );
      const service = { endpoints: closing.map(({ url }) => url), sticky: { cookie: 'stuck' } };
      const gateway = await servers.public(open('', { service }));
      const first = await ask(gateway.port);
      for (let asked = 0; asked < 10; asked += 1) {
        const later = await ask(gateway.port, '/', withCookie(cookieOf(first)));
        expect([later.header('by'), later.header('set-cookie')]).to.deep.equal([first.header('by'), undefined]);
      }
    });

    it('and with a value of its own making is a client without one', async () => {
      const { gateway } = await start();
      for (const value of ['', 'AAAAAA', '!!!!!!', '127.0.0.1:80', '%00', 'x'.repeat(4_000), '__proto__', '"', '======']) {
        const answer = await ask(gateway.port, '/', withCookie(`stuck=${value}`));
        expect([answer.status, cookieOf(answer).length], value).to.deep.equal([200, 'stuck='.length + 6]);
      }
    });
  });

  describe('by consistentHash', () => {
    const start = async (hashOn: unknown, more: object = {}) => {
      const started = await services(4);
      const service = { endpoints: started.endpoints, balancer: 'consistentHash', ...(hashOn === undefined ? {} : { hashOn }) };
      return { ...started, gateway: await servers.public(open('', { service, ...more })) };
    };

    /** Where the requests of each of forty clients go. */
    const homes = async (gateway: TestGateway, asking: (client: number) => Asking | Promise<Asking>) => {
      const all: string[] = [];
      for (let client = 0; client < 40; client += 1) {
        const of = await asking(client);
        const [once, again, third] = [await by(gateway, of), await by(gateway, of), await by(gateway, of)];
        expect([again, third]).to.deep.equal([once, once]);
        all.push(once);
      }
      return new Set(all);
    };
    const everybody = ['endpoint 0', 'endpoint 1', 'endpoint 2', 'endpoint 3'];

    const ways: Record<string, { hashOn: unknown; asking: (client: number) => Asking | Promise<Asking>; more?: object }> = {
      'a header': { hashOn: { header: 'X-Session' }, asking: (client) => ({ headers: { 'x-session': `s${client}` } }) },
      'a cookie': { hashOn: { cookie: 'session' }, asking: (client) => ({ headers: { cookie: `a=b; session=s${client}` } }) },
      'a claim': {
        hashOn: { claim: 'sub' },
        asking: async (client) => ({ headers: await as(`user ${client}`) }),
        more: { route: { expose: { public: {} } }, public: { jwt } },
      },
      'the address of the client': { hashOn: 'clientAddress', asking: (client) => ({ from: `127.0.0.${client + 1}` }) },
      'the address, where nothing is said': { hashOn: undefined, asking: (client) => ({ from: `127.0.0.${client + 1}` }) },
    };
    for (const [what, { hashOn, asking, more }] of Object.entries(ways))
      it(`of ${what}`, async () => {
        const { gateway } = await start(hashOn, more);
        expect([...(await homes(gateway, asking))]).to.have.members(everybody);
      });

    it('and without what it goes by, is served by any', async () => {
      const { gateway } = await start({ header: 'x-session' });
      const all = new Set<string>();
      for (let asked = 0; asked < 60; asked += 1) all.add(await by(gateway));
      expect([...all]).to.have.members(everybody);
      const { gateway: byClaim } = await start({ claim: 'sub' });
      expect(await by(byClaim)).to.be.oneOf(everybody);
    });

    it('while that has not more than its share of the requests under way', async () => {
      const held: (() => void)[] = [];
      const upstreams = await Promise.all([0, 1, 2, 3].map(() => servers.upstream((_, res) => void held.push(() => res.end()))));
      const endpoints = upstreams.map(({ url }) => url);
      const service = { endpoints, balancer: 'consistentHash', hashOn: { header: 'x-session' } };
      const gateway = await servers.public(open('', { service }));
      const all = Array.from({ length: 40 }, () => ask(gateway.port, '/', { headers: { 'x-session': 'everybody' } }));
      await eventually(
        () => held.length,
        (count) => count === 40,
      );
      const got = upstreams.map(({ requests }) => requests.length);
      // A quarter of forty, and a quarter of that.
      expect(Math.max(...got)).to.be.at.most(13);
      for (const end of held) end();
      for (const answer of await Promise.all(all)) expect(answer.status).to.equal(200);
    });
  });
});
