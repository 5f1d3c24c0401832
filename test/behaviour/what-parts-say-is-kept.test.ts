import { expect } from 'chai';
import { testClock } from '../support/clock.ts';
import { ask } from './support/ask.ts';
import { counting, give } from './support/counting.ts';
import { failureOf, given, json } from './support/made-of-parts.ts';
import { serversOfThisSuite } from './support/servers.ts';
import { as, jwt } from './support/tokens.ts';

describe('what parts say', () => {
  const servers = serversOfThisSuite();
  const user = { service: 'users', path: '/users/{id}' };
  const raw =
    (body: string | Buffer, headers: Record<string, string> = {}, status = 200): Parameters<typeof servers.upstream>[0] =>
    (_, res) =>
      void res.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);

  it('stands in the answer as it is written, merged or not, numbers of any size too', async () => {
    const text = '{"id": 12345678901234567890, "price":1.10,"big":1e400 , "text":"\\u0041ł"}';
    const users = await servers.upstream(raw(text));
    const plain = await servers.public(given({ user }, { users: users.url }));
    const utf8 = (body: string) => Buffer.from(body, 'latin1').toString();
    expect(utf8((await ask(plain.port, '/dashboard/7')).body)).to.equal(`{"user":${text}}`);
    const merging = await servers.public(given({ user }, { users: users.url }, { merge: true }));
    expect(utf8((await ask(merging.port, '/dashboard/7')).body)).to.equal(
      '{"id":12345678901234567890,"price":1.10,"big":1e400,"text":"\\u0041ł"}',
    );
  });

  it('is large, and makes a document without a value made of it', async () => {
    const zeros = `[${'0, '.repeat(340_000)}0]`;
    const users = await servers.upstream((req, res) => raw(`{"a${req.url?.slice(-1)}":${zeros}}`)?.(req, res));
    const parts = Object.fromEntries([0, 1, 2, 3, 4].map((at) => [`p${at}`, { service: 'users', path: `/users/${at}` }]));
    const gateway = await servers.public(given(parts, { users: users.url }, { merge: true }));
    // Not as text: what it is compared with would be printed.
    const { body } = await ask(gateway.port, '/dashboard/7');
    expect(body === `{${[0, 1, 2, 3, 4].map((at) => `"a${at}":${zeros}`).join(',')}}`).to.equal(true);
  });

  it('may be nested as deep as it likes', async () => {
    const deep = `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)},"id":7}`;
    const users = await servers.upstream((req, res) => raw(req.url === '/users/deep' ? deep : '{"b":1}')?.(req, res));
    const parts = {
      deep: { service: 'users', path: '/users/deep' },
      next: { service: 'users', path: '/users/{parts.deep.id}', required: true },
    };
    for (const merge of [false, true]) {
      const gateway = await servers.public(given(parts, { users: users.url }, { merge }));
      const { status, body } = await ask(gateway.port, '/dashboard/7');
      expect([status, body === (merge ? `${deep.slice(0, -1)},"b":1}` : `{"deep":${deep},"next":{"b":1}}`)]).to.deep.equal([200, true]);
    }
  });

  it('is asked for by numbers as they are written, and by the query', async () => {
    const users = await servers.upstream(json({}));
    const teams = await servers.upstream(raw('{"team":1234567890123456789,"last":[{"id":1.50}]}'));
    const parts = {
      first: { service: 'teams', path: '/teams' },
      second: { service: 'users', path: '/users/{parts.first.team}/{parts.first.last.0.id}?q={query.q}&page={query.page}' },
    };
    const gateway = await servers.public(given(parts, { users: users.url, teams: teams.url }));
    await ask(gateway.port, '/dashboard/7?q=a%26b&q=c&other=1');
    expect(users.requests.map(({ url }) => url)).to.deep.equal(['/users/1234567890123456789/1.50?q=a%26b&page=']);
  });

  it('is no text in another charset, and no failures but the gateway has seen them', async () => {
    const cases: [string | Buffer, Record<string, string>, number, string | undefined][] = [
      [Buffer.from('{"n":"\xe9"}', 'latin1'), {}, 200, undefined],
      [Buffer.from('{"n":"\xe9"}', 'latin1'), { 'content-type': 'application/json; charset=iso-8859-1' }, 200, undefined],
      ['{}', { 'content-encoding': 'gzip' }, 200, undefined],
      ['{}', { 'content-range': 'bytes 0-1/9' }, 206, undefined],
      ['\ufeff{"n":1}', {}, 200, '{"n":1}'],
      ['{"n":1}', { 'content-encoding': 'identity', 'content-type': 'application/json; charset=UTF-8' }, 200, '{"n":1}'],
      ['{"_failures":{"x":1},"n":1}', {}, 200, '{"n":1}'],
    ];
    for (const [body, headers, status, expected] of cases) {
      const users = await servers.upstream(raw(body, headers, status));
      const config = given({ user: { ...user, default: {} } }, { users: users.url }, { merge: true });
      const answer = await ask((await servers.public(config)).port, '/dashboard/7');
      const failure = expected === undefined ? 'part-unavailable' : undefined;
      expect([failureOf(answer, 'user'), answer.header('x-postern-completed')], String(body)).to.deep.equal([failure, String(!failure)]);
      if (expected !== undefined) expect(answer.body).to.equal(expected);
    }
  });

  it('is nothing with a 205, whose body takes no place for longer', async () => {
    const users = await servers.upstream((_, res) => {
      res.writeHead(205, { 'content-type': 'text/plain', 'content-length': '1000000' }).write('x'.repeat(10_000));
    });
    const gateway = await servers.public(given({ user }, { users: users.url }, {}, { concurrency: { limit: 1 } }));
    for (let at = 0; at < 4; at += 1) expect((await ask(gateway.port, '/dashboard/7')).body).to.equal('{"user":null}');
  });

  it('is said to who asks, whom the services are told of', async () => {
    const users = await servers.upstream();
    const inside = await servers.private(given({ user }, { users: users.url }));
    const { headers } = (await ask(inside.port, '/dashboard/7')).json()['user'] as { headers: Record<string, string> };
    expect(headers).to.include({ 'x-gateway-caller': 'tests' });
    const config = given({ user: { ...user, path: '/users/{claims.sub}' } }, { users: users.url }, {}, {}, { expose: { public: {} } });
    const outside = await servers.public({ ...config, public: { jwt } });
    const answer = await ask(outside.port, '/dashboard/7', {
      headers: { ...(await as('ann')), 'x-user-id': 'eve', 'x-gateway-caller': 'eve' },
    });
    const told = answer.json()['user'] as { url: string; headers: Record<string, string> };
    expect([told.url, told.headers['x-user-id'], told.headers['x-gateway-caller']]).to.deep.equal(['/users/ann', 'ann', undefined]);
  });

  it('is kept by caches as long as each allows, and by no other person', async () => {
    const caching = async (first: Record<string, string>, second: Record<string, string>, path = '/users/{id}') => {
      const users = await servers.upstream(json({}, first));
      const orders = await servers.upstream(json({}, second));
      const services = { users: users.url, orders: orders.url };
      const parts = { user: { ...user, path }, orders: { service: 'orders', path: '/orders' } };
      const config = given(parts, services, {}, {}, path.includes('claims') ? { expose: { public: {} } } : {});
      const gateway = await servers.public({ ...config, public: { jwt } });
      return (await ask(gateway.port, '/dashboard/7', { headers: path.includes('claims') ? await as('ann') : {} })).header('cache-control');
    };
    const long = { 'cache-control': 'max-age=600' };
    expect(await caching({ ...long, age: '599' }, long)).to.equal('max-age=1');
    expect(await caching({ 'cache-control': 'max-age=600, s-maxage=0' }, long)).to.equal('max-age=0');
    expect(await caching({ 'cache-control': 'public, max-age=60' }, long, '/users/{claims.sub}')).to.equal('private, max-age=60');
    expect(await caching({}, {}, '/users/{claims.sub}')).to.equal('private');
    expect(await caching(long, { 'cache-control': 'max-age=600, must-revalidate' })).to.equal('private, must-revalidate, max-age=600');
    expect(await caching(long, {})).to.equal(undefined);
  });

  it('is kept by the gateway`s own cache for as long as it says, whatever the route has for parts that say nothing', async () => {
    const clock = testClock();
    const says = async (...fields: Record<string, string>[]) => {
      const services = await Promise.all(
        fields.map(async (more) => {
          const service = await counting(servers);
          service.answer = (_, res, count) => give(res, { 'content-type': 'application/json', ...more }, String(count));
          return service;
        }),
      );
      const urls = Object.fromEntries(services.map(({ url }, at) => [`s${at}`, url]));
      const parts = Object.fromEntries(services.map((_, at) => [`p${at}`, { service: `s${at}`, path: '/' }]));
      const gateway = await servers.public(given(parts, urls, {}, {}, { cache: { ttl: '1m' } }), { clock });
      await ask(gateway.port, '/dashboard/7');
      return async () => (await ask(gateway.port, '/dashboard/7')).header('cache-status')?.includes('hit') === true;
    };
    for (const never of [{ 'cache-control': 'max-age=0' }, { expires: '0' }, { 'cdn-cache-control': 'no-store' }])
      expect(await (await says(never, {}))(), JSON.stringify(never)).to.equal(false);
    const cookie = { 'cache-control': 'max-age=60', 'set-cookie': 'sid=1' };
    expect(await (await says(cookie, { 'cache-control': 'max-age=60' }))()).to.equal(false);
    const isHit = await says({ 'cache-control': 'max-age=10' }, {});
    expect(await isHit()).to.equal(true);
    clock.advance(10_000);
    expect(await isHit()).to.equal(false);
  });
});
