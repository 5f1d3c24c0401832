import { expect } from 'chai';
import { ask } from './support/ask.ts';
import { eventually } from './support/eventually.ts';
import { dripping, failureOf, given, json } from './support/made-of-parts.ts';
import { serversOfThisSuite } from './support/servers.ts';

describe('the limit of a part', () => {
  const servers = serversOfThisSuite();
  const slowly = dripping(200, 'application/json');
  const short = { timeouts: { connect: '50ms', attempt: '50ms', request: '50ms' } };
  const patience = (milliseconds: number) => ({ headers: { 'x-gateway-time-left': String(milliseconds) } });
  const parts = (more: object = {}) => ({
    user: { service: 'users', path: '/users', default: null },
    slow: { service: 'slow', path: '/slow', ...more },
  });

  for (const [limit, part, service, asking, code] of [
    ['its timeout', { timeout: '50ms' }, {}, {}, 'deadline-exceeded'],
    ['timeouts.request of its service', { timeout: '1m' }, short, {}, 'deadline-exceeded'],
    ['what the caller waits', {}, {}, patience(250), 'caller-gone'],
    ['what the caller waits, when that is less', { timeout: '10s' }, {}, patience(250), 'caller-gone'],
    ['its timeout, when the caller waits for longer', { timeout: '50ms' }, {}, patience(10_000), 'deadline-exceeded'],
  ] as const)
    it(`is ${limit}, to the last byte`, async () => {
      const users = await servers.upstream(json({ name: 'Ann' }));
      const slow = await servers.upstream(slowly);
      const config = given(parts(part), { users: users.url, slow: slow.url });
      Object.assign(config.services?.['slow'] ?? {}, service);
      const gateway = await servers.private(config);
      const answer = await ask(gateway.port, '/dashboard/7', asking);
      expect([answer.status, answer.json()['user'], failureOf(answer, 'slow')]).to.deep.equal([200, { name: 'Ann' }, code]);
      await eventually(
        () => slow.connections.every(({ destroyed }) => destroyed),
        (closed) => closed,
      );
      await gateway.drain();
      expect(gateway.logged().find(({ event }) => event === 'request')?.['parts']).to.match(new RegExp(`slow=${code}:`));
    });

  it('is told to its service, and of a chain each has what is left, not what was there', async () => {
    const service = await servers.upstream(json({ id: 1 }));
    const chain = {
      a: { service: 'users', path: '/users/a', required: true },
      b: { service: 'users', path: '/users/b/{parts.a.id}', required: true },
      c: { service: 'users', path: '/users/c/{parts.b.id}', timeout: '1s' },
    };
    const gateway = await servers.private(given(chain, { users: service.url }));
    expect((await ask(gateway.port, '/dashboard/7', patience(3_000))).status).to.equal(200);
    const [a = 0, b = 0, c = 0] = service.requests.map(({ headers }) => Number(headers['x-gateway-time-left']));
    expect([a <= 3_000, b <= a, c <= 1_000, c > 0]).to.deep.equal([true, true, true, true]);
  });

  it('that runs out opens the breaker; the patience of a caller does not', async () => {
    const users = await servers.upstream(json({}));
    const silent = await servers.upstream(() => {});
    const more = { circuitBreaker: { requestVolume: 4 }, retry: { attempts: 0 } };
    const codes = async (part: object, asking: object) => {
      const gateway = await servers.private(given(parts(part), { users: users.url, slow: silent.url }, {}, more));
      const all: unknown[] = [];
      for (let at = 0; at < 6; at += 1) all.push(failureOf(await ask(gateway.port, '/dashboard/7', asking), 'slow'));
      return all;
    };
    const [late, open] = ['deadline-exceeded', 'circuit-open'];
    expect(await codes({ timeout: '20ms' }, {})).to.deep.equal([late, late, late, late, open, open]);
    expect(await codes({}, patience(20))).to.deep.equal(Array.from({ length: 6 }, () => 'caller-gone'));
  });

  it('of a caller is what a required part failed by', async () => {
    const silent = await servers.upstream(() => {});
    const gateway = await servers.private(given({ slow: { service: 'slow', path: '/slow', required: true } }, { slow: silent.url }));
    const answer = await ask(gateway.port, '/dashboard/7', patience(20));
    expect([answer.status, answer.json()['code']]).to.deep.equal([504, 'caller-gone']);
    await gateway.drain();
    expect(gateway.logged().find(({ event }) => event === 'request')).to.include({ problem: 'caller-gone' });
  });
});
