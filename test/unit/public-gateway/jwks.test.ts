import { expect } from 'chai';
import { pino } from 'pino';
import { jwks } from '../../../public-gateway/jwks.ts';
import { keySets, loggedKeySets } from '../../../public-gateway/key-sets.ts';
import { newKey } from '../../conformance/access-tokens/support/issuer.ts';
import { type KeySetServer, keySetServer } from '../../conformance/access-tokens/support/key-set-server.ts';
import { testClock } from '../../support/clock.ts';

const header = { alg: 'RS256', kid: 'first', typ: undefined };
const code = (promise: Promise<unknown>) =>
  promise.then(
    () => 'found',
    (error: { code: string }) => error.code,
  );

describe('jwks', () => {
  const first = newKey('RS256', 'first');
  const second = newKey('RS256', 'second');
  let issuer: KeySetServer;

  beforeEach(async () => {
    issuer = await keySetServer(first);
  });
  afterEach(() => issuer.close());

  it('gives up on a slow issuer after the timeout, before the answer and inside it', async () => {
    const clock = testClock();
    const keys = jwks({ url: issuer.url, clock, timeout: 30 });
    issuer.answer(() => {});
    expect(await code(keys.find(header))).to.equal('authentication-unavailable');
    issuer.answer((_request, response) => void response.write('{"keys":'));
    clock.advance(1_000);
    expect(await code(keys.find(header))).to.equal('authentication-unavailable');
    issuer.publish(first);
    clock.advance(2_000);
    expect(await code(keys.find(header))).to.equal('found');
  });

  it('has one request under way, however long that takes', async () => {
    const clock = testClock();
    const keys = jwks({ url: issuer.url, clock, timeout: 60 });
    issuer.answer(() => {});
    const asked = issuer.nextRequest();
    const finds = [code(keys.find(header))];
    await asked;
    clock.advance(120_000);
    finds.push(code(keys.find(header)), code(keys.find({ ...header, kid: 'second' })));
    expect(await Promise.all(finds)).to.deep.equal(Array.from({ length: 3 }, () => 'authentication-unavailable'));
    expect(issuer.asked).to.equal(1);
  });

  it('takes a hundred keys and no more', async () => {
    const many = (count: number) => Array.from({ length: count }, (_, at) => ({ ...first.jwk, kid: at === 0 ? 'first' : `${at}` }));
    issuer.publish(...many(101));
    const clock = testClock();
    const keys = jwks({ url: issuer.url, clock });
    expect(await code(keys.find(header))).to.equal('authentication-unavailable');
    issuer.publish(...many(100));
    clock.advance(1_000);
    expect(await code(keys.find(header))).to.equal('found');
  });

  it('lets nobody with a known key wait for an issuer that is away', async () => {
    const clock = testClock();
    const keys = jwks({ url: issuer.url, clock, maxAge: 1_000, coolDown: 100, timeout: 60_000 });
    const key = await keys.find(header);
    issuer.answer((_request, response) => response.writeHead(500).end());
    clock.advance(600);
    expect(keys.trusts(key)).to.equal(true); // begins the renewal that fails
    expect(await code(keys.find({ ...header, kid: 'second' }))).to.equal('invalid-token'); // joins it
    issuer.answer(() => {}); // from here on no answer comes at all
    clock.advance(600);
    expect(keys.trusts(key)).to.equal(true);
    expect(await keys.find(header)).to.equal(key);
    expect(issuer.asked).to.equal(2);
  });

  it('finds the issuer again when it is back, although every token is new and every key known', async () => {
    const clock = testClock();
    const keys = jwks({ url: issuer.url, clock });
    await keys.find(header);
    issuer.answer((_request, response) => response.writeHead(500).end());
    clock.advance(600_000);
    await keys.find(header);
    issuer.publish(second);
    clock.advance(30_000);
    const renewal = issuer.nextRequest();
    await keys.find(header);
    await renewal;
    expect(await code(keys.find({ ...header, kid: 'second' }))).to.equal('found');
    expect(await code(keys.find(header))).to.equal('invalid-token');
  });

  it('keeps the key object of a key that stays, and marks one that goes', async () => {
    const clock = testClock();
    const keys = jwks({ url: issuer.url, clock });
    const before = await keys.find(header);
    issuer.publish(second, { ...first.jwk });
    clock.advance(30_000);
    const other = await keys.find({ ...header, kid: 'second' });
    expect(await keys.find(header)).to.equal(before);
    issuer.publish(second);
    clock.advance(600_000);
    expect(await keys.find({ ...header, kid: 'second' })).to.equal(other);
    expect([keys.trusts(before), keys.trusts(other)]).to.deep.equal([false, true]);
  });

  it('distinguishes a key by its algorithm and material, not by its kid alone', async () => {
    const clock = testClock();
    const keys = jwks({ url: issuer.url, clock });
    const before = await keys.find(header);
    issuer.publish({ ...first.jwk, alg: 'PS256' });
    clock.advance(600_000);
    expect(await code(keys.find(header))).to.equal('invalid-token');
    expect(keys.trusts(before)).to.equal(false);
  });

  it('tells of every fetch that failed, once each', async () => {
    const clock = testClock();
    const failures: unknown[] = [];
    const keys = jwks({ url: issuer.url, clock, onFailure: (error) => failures.push(error) });
    issuer.answer((_request, response) => response.writeHead(404).end());
    await Promise.all([code(keys.find(header)), code(keys.find(header))]);
    await code(keys.find(header));
    expect(failures.map(String)).to.deep.equal([`Error: ${issuer.url} answered 404`]);
  });

  it('is one set for one URL', () => {
    const clock = testClock();
    const sets = keySets({ clock });
    expect(sets(issuer.url))
      .to.equal(sets(issuer.url))
      .and.not.equal(sets(`${issuer.url}?2`));
  });

  it('logs a fetch that failed', async () => {
    const lines: string[] = [];
    const logger = pino({}, { write: (line: string) => void lines.push(line) });
    issuer.answer((_request, response) => response.writeHead(404).end());
    expect(await code(loggedKeySets(logger, testClock())(issuer.url).find(header))).to.equal('authentication-unavailable');
    expect(lines).to.have.length(1);
    expect(JSON.parse(lines[0] ?? '')).to.deep.include({ level: 40, event: 'key-set-unavailable' });
  });

  it('keeps its keys when a reload asks for them while the issuer is away', async () => {
    const sets = keySets({ clock: testClock() });
    await sets(issuer.url).find(header);
    issuer.answer((_request, response) => response.writeHead(500).end());
    expect(await code(sets(issuer.url).find(header))).to.equal('found');
  });
});
