import { expect } from 'chai';
import { open } from '../support/gateways.ts';
import { ask } from './support/ask.ts';
import { type Counting, counting, give } from './support/counting.ts';
import { given } from './support/made-of-parts.ts';
import { serversOfThisSuite } from './support/servers.ts';
import { as, jwt, tokenFor } from './support/tokens.ts';

describe("one user's answer is never another's", () => {
  const servers = serversOfThisSuite();
  let service: Counting;
  before(async () => {
    service = await counting(servers);
    // Who was asked for, by all that a service may tell it.
    service.answer = (req, res, count) => {
      const says = decodeURIComponent(req.url?.split('?')[1] ?? '');
      const who = [req.headers['x-user-id'], req.headers['x-gateway-caller'], req.headers.cookie, req.headers.authorization?.slice(0, 5)];
      give(res, says === '' ? {} : { 'Cache-Control': says }, `${count} ${who.filter(Boolean).join(' ')}`);
    };
  });

  const users = (cache: object) =>
    servers.public(
      open(service.url, {
        route: { cache: { ttl: '1m', staleIfError: '1m', ...cache }, expose: { public: {} } },
        public: { jwt: { ...jwt, algorithms: ['HS256'], from: ['bearer', { cookie: 'session' }] } },
      }),
    );
  const saying = (words: string) => `/?${encodeURIComponent(words)}`;
  const own = (body: string) => body.slice(body.indexOf(' ') + 1);

  for (const says of [
    '',
    'max-age=60',
    'private, max-age=60',
    'no-store',
    'max-age=0',
    'no-cache',
    'must-revalidate, max-age=60',
    's-maxage=60',
  ]) {
    for (const perUser of [false, true]) {
      it(`when it says ${says || 'nothing'}${perUser ? ', and users are kept apart' : ''}`, async () => {
        const gateway = await users({ perUser });
        for (const name of ['ada', 'bob', 'ada', 'bob'])
          expect((await ask(gateway.port, saying(says), { headers: await as(name) })).body).to.include(` ${name} `);
      });

      it(`when it says ${says || 'nothing'}${perUser ? ', users are kept apart' : ''} and the token comes in a cookie`, async () => {
        const gateway = await users({ perUser });
        for (const name of ['ada', 'bob', 'ada', 'bob']) {
          const headers = { cookie: `session=${await tokenFor(name)}` };
          expect((await ask(gateway.port, saying(says), { headers })).body).to.include(` ${name} `);
        }
      });
    }
  }

  it('and is not kept even for the same one, unless it says that it may be, or the route keeps users apart', async () => {
    const gateway = await users({});
    for (const headers of [await as('ada'), { cookie: `session=${await tokenFor('ada')}` }])
      expect(await bodyOf(gateway.port, 'max-age=60', headers)).to.not.equal(await bodyOf(gateway.port, 'max-age=60', headers));
  });
  const bodyOf = async (port: number, says: string, headers: Record<string, string>) => (await ask(port, saying(says), { headers })).body;

  it('but all share what says that it is public', async () => {
    const gateway = await users({});
    const bodies = [];
    for (const name of ['ada', 'bob'])
      bodies.push((await ask(gateway.port, saying('public, max-age=60'), { headers: await as(name) })).body);
    expect(new Set(bodies).size).to.equal(1);
  });

  it('and each has the own one again, where users are kept apart', async () => {
    const gateway = await users({ perUser: true });
    const tokens = { ada: await as('ada'), bob: await as('bob') };
    const of = async (name: 'ada' | 'bob') => (await ask(gateway.port, saying(''), { headers: tokens[name] })).body;
    const [ada, bob] = [await of('ada'), await of('bob')];
    expect([await of('ada'), await of('bob')]).to.deep.equal([ada, bob]);
    expect(own(ada)).to.not.equal(own(bob));
  });

  it('nor is a calling service`s, inside; nor that of the user it acts for', async () => {
    const gateway = await servers.private(
      open(service.url, {
        route: { cache: { ttl: '1m' }, expose: { private: { callers: ['one', 'two'] } } },
        private: { callers: { one: { from: ['127.0.0.1'] }, two: { from: ['127.0.0.2'] } } },
      }),
    );
    const of = async (from: string, says: string, headers = {}) => (await ask(gateway.port, saying(says), { from, headers })).body;
    for (const says of ['', 'max-age=60', 's-maxage=60']) {
      expect(own(await of('127.0.0.1', says)), says).to.equal('one');
      expect(own(await of('127.0.0.2', says)), says).to.equal('two');
      expect(own(await of('127.0.0.1', says, { 'x-user-id': 'ada' })), says).to.equal('ada one');
      expect(own(await of('127.0.0.1', says, { 'x-user-id': 'bob' })), says).to.equal('bob one');
      expect(await of('127.0.0.1', says), says).to.equal(await of('127.0.0.1', says));
    }
    expect(await of('127.0.0.1', 'public, max-age=60')).to.equal(await of('127.0.0.2', 'public, max-age=60'));
  });

  it('on a route for everybody, where the service knows its users itself', async () => {
    const gateway = await servers.public(open(service.url, { route: { cache: { ttl: '1m' } } }));
    const of = async (says: string, headers = {}) => (await ask(gateway.port, saying(says), { headers })).body;
    // By a session of its own, with no word on whether the answer may be shared.
    expect(own(await of('', { cookie: 'sid=ada' }))).to.equal('sid=ada');
    expect(own(await of('', { cookie: 'sid=bob' }))).to.equal('sid=bob');
    expect(own(await of(''))).to.equal('');
    // By credentials (RFC 9111 section 3.5).
    expect(await of('max-age=60', { authorization: 'Basic YTph' })).to.not.equal(await of('max-age=60', { authorization: 'Basic YTph' }));
    expect(own(await of('max-age=61'))).to.equal('');
  });

  it('nor is a cookie that a service sets', async () => {
    const setting = await counting(servers, { 'Cache-Control': 'public, max-age=60', 'Set-Cookie': 'sid=1' });
    const gateway = await servers.public(open(setting.url, { route: { cache: {} } }));
    const answers = [await ask(gateway.port), await ask(gateway.port)];
    expect(answers.map(({ body, header }) => [body, header('cache-status')])).to.deep.equal([
      ['1', 'public-gateway; fwd=miss; detail=set-cookie'],
      ['2', 'public-gateway; fwd=miss; detail=set-cookie'],
    ]);
    const withheld = await counting(servers, { 'Cache-Control': 'max-age=60, no-cache="set-cookie"', 'Set-Cookie': 'sid=1' });
    const second = await servers.public(open(withheld.url, { route: { cache: {} } }));
    expect([(await ask(second.port)).header('set-cookie'), (await ask(second.port)).header('set-cookie')]).to.deep.equal([
      'sid=1',
      undefined,
    ]);
    expect(withheld.count).to.equal(1);
  });

  it('nor are the gateway`s own fields: they are put on each answer anew', async () => {
    const shared = await counting(servers, { 'Cache-Control': 'public, max-age=60' });
    const gateway = await servers.public(
      open(shared.url, {
        route: { cache: {} },
        public: { rateLimit: '9/h', cors: { origins: ['https://a.example', 'https://b.example'] } },
      }),
    );
    const of = (origin: string) => ask(gateway.port, '/', { headers: { origin } });
    const [a, b] = [await of('https://a.example'), await of('https://b.example')];
    expect([a, b].map(({ header }) => header('access-control-allow-origin'))).to.deep.equal(['https://a.example', 'https://b.example']);
    expect([a, b].map(({ header }) => header('ratelimit')?.split(';')[1])).to.deep.equal(['r=8', 'r=7']);
    expect(a.header('x-request-id')).to.not.equal(b.header('x-request-id'));
    expect(shared.count).to.equal(1);
  });

  describe('nor what a part is refused with', () => {
    const refusing = async () => {
      const refusal = {
        'Content-Type': 'application/json',
        'Cache-Control': 'public, max-age=60',
        'CDN-Cache-Control': 'public, max-age=60',
      };
      const users = await servers.upstream((req, res) => give(res, refusal, JSON.stringify(req.url), 404));
      return users.url;
    };

    it('outside', async () => {
      const config = given(
        { me: { service: 'users', path: '/{claims.sub}', required: true } },
        { users: await refusing() },
        {},
        {},
        { cache: {}, expose: { public: {} } },
      );
      const gateway = await servers.public({ ...config, public: { jwt } });
      for (const name of ['ada', 'bob']) {
        const answer = await ask(gateway.port, '/dashboard/7', { headers: await as(name) });
        expect([answer.body, answer.header('cache-control'), answer.header('cdn-cache-control')]).to.deep.equal([
          JSON.stringify(`/${name}`),
          'private, max-age=60',
          undefined,
        ]);
      }
    });

    it('inside, to a caller that may not have the part', async () => {
      const part = { service: 'users', path: '/users/{id}', required: true };
      const config = given(
        { a: part },
        { users: await refusing() },
        {},
        {},
        { cache: {}, expose: { private: { callers: ['one', 'two'] } } },
      );
      const routes =
        config.routes?.map((route) => ('service' in route ? { ...route, expose: { private: { callers: ['one'] } } } : route)) ?? [];
      routes.push({ name: 'some', match: { path: '/users/open' }, service: 'users', expose: { private: { callers: ['two'] } } });
      const callers = { one: { from: ['127.0.0.1'] }, two: { from: ['127.0.0.2'] } };
      const gateway = await servers.private({ ...config, routes, private: { callers } });
      const of = async (from: string) => (await ask(gateway.port, '/dashboard/7', { from })).status;
      expect([await of('127.0.0.1'), await of('127.0.0.2'), await of('127.0.0.1')]).to.deep.equal([404, 403, 404]);
    });
  });

  it('nor one that was made for a token that allows more', async () => {
    const scopes = await counting(servers);
    scopes.answer = (req, res) => give(res, { 'Cache-Control': 'max-age=60' }, String(req.headers.cookie ?? req.headers.authorization));
    const gateway = await servers.public(
      open(scopes.url, {
        route: { cache: { perUser: true }, expose: { public: {} } },
        public: { jwt: { ...jwt, algorithms: ['HS256'], from: ['bearer', { cookie: 'session' }] } },
      }),
    );
    const [admin, read] = [await tokenFor('ada', { scope: 'admin' }), await tokenFor('ada', { scope: 'read' })];
    for (const token of [admin, read, admin]) {
      for (const headers of [{ authorization: `Bearer ${token}` }, { cookie: `session=${token}` }])
        expect((await ask(gateway.port, '/a', { headers })).body).to.include(token);
    }
  });

  it('nor what a request was made for that is not what it seems', async () => {
    const odd = await counting(servers);
    const telling = [
      'x-original-url',
      'x-rewrite-url',
      'x-http-method-override',
      'x_host',
      'x-forwarded-prefix',
      'x-forwarded-host',
      'x_user_id',
    ];
    odd.answer = (req, res) => give(res, { 'Cache-Control': 'max-age=60' }, telling.map((name) => req.headers[name] ?? '').join());
    const gateway = await servers.private(
      open(odd.url, {
        route: { cache: {}, match: { pathPrefix: '/' } },
        private: { callers: { tests: { from: ['192.0.2.1'] } }, trustedProxies: ['127.0.0.1'] },
      }),
    );
    const from = { 'x-forwarded-for': '192.0.2.1' };
    const plain = await ask(gateway.port, '/', { headers: from });
    for (const name of telling.filter((one) => one !== 'x-forwarded-host')) {
      const target = `/${name}`;
      await ask(gateway.port, target, { headers: { ...from, [name]: '/evil' } });
      expect((await ask(gateway.port, target, { headers: from })).body, name).to.equal(plain.body);
    }
    await ask(gateway.port, '/host', { headers: { ...from, host: 'SHOP.example' } });
    expect((await ask(gateway.port, '/host', { headers: from })).body).to.include('shop.example');
  });
});
