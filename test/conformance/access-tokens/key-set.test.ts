/** The published key set over time: rotation and outage. */
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { goodClaims, honest, newKey, type TestKey } from './support/issuer.ts';
import { type KeySetServer, keySetServer } from './support/key-set-server.ts';
import { expectAccepted, expectInvalidToken, expectRefused } from './support/refusal.ts';
import { type Rig, rig } from './support/rig.ts';

const COOL_DOWN = 30_000;
const MAX_AGE = 600_000;
const STALE_LIMIT = 3_600_000;

describe('access tokens: the key set', () => {
  const first = newKey('RS256', 'first');
  const second = newKey('RS256', 'second');
  let issuer: KeySetServer;
  let gateway: Rig;

  beforeEach(async () => {
    issuer = await keySetServer(first);
    gateway = await rig({ jwt: { jwks: issuer.url } });
  });
  afterEach(() => Promise.all([gateway.close(), issuer.close()]));

  const claims = () => goodClaims(gateway.clock.seconds());
  const by = (key: TestKey) => honest(key, claims());

  it('J19 serves a new key within the cool-down', async () => {
    await expectAccepted(gateway, { old: await by(first) });
    issuer.publish(first, second);
    gateway.clock.advance(COOL_DOWN);
    await expectAccepted(gateway, { new: await by(second), old: await by(first) });
    expect(issuer.asked).to.equal(2);
  });

  it('J19 refuses a key that was taken out, within the maximum age, and tokens remembered by it', async () => {
    const token = await by(first);
    await expectAccepted(gateway, { 'before the rotation': token, remembered: token });
    issuer.publish(second);
    gateway.clock.advance(MAX_AGE);
    await expectRefused(gateway, {
      'the remembered token': token,
      'a new token by the old key': await honest(first, { ...claims(), jti: '2' }),
    });
    await expectAccepted(gateway, { 'by the new key': await by(second) });
    expect(issuer.asked).to.equal(2);
  });

  it('J19 forgets remembered tokens as soon as another fetch shows that their key is gone', async () => {
    const token = await by(first);
    await expectAccepted(gateway, { 'before the rotation': token });
    issuer.publish(second);
    gateway.clock.advance(COOL_DOWN);
    await expectAccepted(gateway, { 'by the new key': await by(second) });
    await expectRefused(gateway, { 'by the old key': token });
  });

  it('J19 takes a key with the same kid and other material for another key', async () => {
    const token = await by(first);
    await expectAccepted(gateway, { 'before the rotation': token });
    const successor = newKey('RS256', 'first');
    issuer.publish(successor);
    gateway.clock.advance(MAX_AGE);
    await expectRefused(gateway, { 'by the old key': token });
    await expectAccepted(gateway, { 'by its successor': await by(successor) });
  });

  it('J19 renews a set that is in use before its age makes anybody wait', async () => {
    const token = await by(first);
    await expectAccepted(gateway, { first: token });
    gateway.clock.advance(MAX_AGE / 2);
    const renewal = issuer.nextRequest();
    await expectAccepted(gateway, { 'at half its age': token });
    await renewal;
    expect(issuer.asked).to.equal(2);
  });

  const outages: Record<string, RequestListener> = {
    'status 500': (_request, response) => response.writeHead(500).end('{"keys":[]}'),
    'status 200 with garbage': (_request, response) => response.end('{"keys":['),
    HTML: (_request, response) => response.setHeader('content-type', 'text/html').end('<html><h1>Maintenance</h1></html>'),
    'a list': (_request, response) => response.end('[]'),
    null: (_request, response) => response.end('null'),
    'keys that are none': (_request, response) => response.end('{"keys":{"length":1}}'),
    'an empty set': (_request, response) => response.end('{"keys":[]}'),
    'ten thousand keys': (_request, response) =>
      response.end(JSON.stringify({ keys: Array.from({ length: 10_000 }, () => ({ kty: 'EC' })) })),
    'a reset': (request) => request.socket.resetAndDestroy(),
    'a body cut short': (request, response) => {
      response.writeHead(200, { 'content-length': 1000 }).write('{"keys":[');
      request.socket.end();
    },
    '10 MB': (_request, response) => response.end(Buffer.alloc(10 * 1024 * 1024, 0x20)),
    'no end': (_request, response) => {
      const more = () => {
        while (response.write(Buffer.alloc(64 * 1024, 0x20)));
      };
      response.on('drain', more);
      more();
    },
  };

  for (const [outage, listener] of Object.entries(outages)) {
    it(`J20 goes on with the keys at hand when the issuer answers with ${outage}`, async () => {
      const token = await by(first);
      await expectAccepted(gateway, { before: token });
      issuer.answer(listener);
      gateway.clock.advance(MAX_AGE);
      await expectAccepted(gateway, {
        'at the maximum age': token,
        'a token not seen before': await honest(first, { ...claims(), jti: '2' }),
      });
      await expectRefused(gateway, { 'unknown kid': await by(second) });
      issuer.publish(first, second);
      gateway.clock.advance(COOL_DOWN);
      await expectAccepted(gateway, { 'after recovery': await by(second) });
    });
  }

  it('J20 does not follow a redirect to another host', async () => {
    const elsewhere = await keySetServer(first, second);
    await expectAccepted(gateway, { before: await by(first) });
    issuer.answer((_request, response) => response.writeHead(302, { location: elsewhere.url }).end());
    gateway.clock.advance(COOL_DOWN);
    await expectRefused(gateway, { 'a key of the other host': await by(second) });
    expect(elsewhere.asked).to.equal(0);
    await elsewhere.close();
  });

  it('J20 refuses every token once the keys at hand are too old', async () => {
    const token = await by(first);
    await expectAccepted(gateway, { before: token });
    issuer.answer((_request, response) => response.writeHead(503).end());
    for (let passed = 0; passed < STALE_LIMIT - COOL_DOWN; passed += COOL_DOWN) {
      gateway.clock.advance(COOL_DOWN);
      expect((await gateway.present(await by(first))).status).to.equal(200);
    }
    gateway.clock.advance(COOL_DOWN);
    await expectUnavailable(await gateway.present(await by(first)));
    issuer.publish(first);
    gateway.clock.advance(COOL_DOWN);
    await expectAccepted(gateway, { 'after recovery': await by(first) });
  });

  it('J20 answers 503 with Retry-After while no keys were ever had, and asks more and more rarely', async () => {
    issuer.answer((_request, response) => response.writeHead(500).end());
    const waits: string[] = [];
    for (let asked = 1; asked <= 7; asked++) {
      const answers = await Promise.all([by(first), by(second)].map(async (token) => gateway.present(await token)));
      for (const answer of answers) expectUnavailable(answer);
      expect(issuer.asked).to.equal(asked);
      waits.push(answers[0]?.headers['retry-after'] ?? '');
      gateway.clock.advance(Number(waits.at(-1)) * 1000);
    }
    expect(waits).to.deep.equal(['1', '2', '4', '8', '16', '30', '30']);
    expect(gateway.forwarded).to.equal(0);
    issuer.publish(first);
    await expectAccepted(gateway, { 'after recovery': await by(first) });
  });

  it('J20 answers 503 when nobody listens at the address', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    const lost = await rig({ jwt: { jwks: `http://127.0.0.1:${port}/` } });
    expectUnavailable(await lost.present(await by(first)));
    expectUnavailable(await lost.present(await by(first)));
    expectInvalidToken(await lost.present('x'));
    await lost.close();
  });
});

function expectUnavailable({ status, headers, body }: Awaited<ReturnType<Rig['present']>>): void {
  expect(status, body).to.equal(503);
  expect(Number(headers['retry-after'])).to.be.within(1, 30);
  expect(body).to.not.match(/127\.0\.0\.1|jwks|ECONN/);
}
