import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import type { Socket } from 'node:net';
import { expect } from 'chai';
import { open as connect, exchange } from '../support/client.ts';
import { freePorts } from '../support/free-ports.ts';
import type { TestGateway } from '../support/gateways.ts';
import { ask } from './support/ask.ts';
import { eventually } from './support/eventually.ts';
import { type GatewayProcess, run } from './support/process.ts';
import { APP, givenRegistry, PATIENCE } from './support/registered-service.ts';
import { serversOfThisSuite } from './support/servers.ts';

/** JSON of one byte a character, as the client here sends it. */
const ascii = (value: unknown): string =>
  JSON.stringify(value).replaceAll(/[\u0080-\uffff]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);

describe('a hostile registrant harms nobody', () => {
  const servers = serversOfThisSuite();
  const json = { 'content-type': 'application/json', accept: 'application/json' };
  const xml = { 'content-type': 'application/xml' };
  let port: number;
  let inside: GatewayProcess;
  let edge: TestGateway;
  let upstreamPort: number;
  const held: Socket[] = [];

  const instance = (app: string, at: number, more: object = {}) => ({
    instanceId: `${app}-${at}`,
    hostName: '127.0.0.1',
    app,
    ipAddr: '127.0.0.1',
    status: 'UP',
    port: { $: at, '@enabled': 'true' },
    dataCenterInfo: { '@class': 'com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo', name: 'MyOwn' },
    ...more,
  });
  const post = (app: string, headers: Record<string, string>, body: string) =>
    ask(port, `/eureka/apps/${app}`, { method: 'POST', headers, body });
  const register = async (app: string, at: number, more: object = {}) =>
    (await post(app, json, ascii({ instance: instance(app, at, more) }))).status;
  const beat = async () => (await ask(port, `/eureka/apps/${APP}/${APP}-${upstreamPort}`, { method: 'PUT' })).status;
  const residentMiB = () => Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${inside.child.pid}/status`, 'utf8'))?.[1]) / 1024;

  /** Who was there before is found through both gateways, and has its heartbeats heard. */
  const allIsWell = async () => {
    expect(await beat()).to.equal(200);
    for (const gateway of [inside, edge])
      await eventually(
        async () => (await ask(gateway.port)).status,
        (status) => status === 200,
        PATIENCE,
      );
    expect([inside.child.exitCode, inside.child.signalCode]).to.deep.equal([null, null]);
  };

  before(async function () {
    this.timeout(60_000);
    [port = 0] = await freePorts(1);
    inside = await run(servers, 'private', givenRegistry(port));
    edge = await servers.public(givenRegistry(port));
    upstreamPort = (await servers.upstream()).port;
    expect(await register(APP, upstreamPort)).to.equal(204);
    await allIsWell();
  });
  afterEach(() => {
    for (const socket of held.splice(0)) socket.destroy();
  });

  it('with messages made to be expensive, or to be taken for something else', async () => {
    const entities = Array.from({ length: 9 }, (_, at) => `<!ENTITY e${at + 1} "${`&e${at};`.repeat(10)}">`).join('');
    const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, at) => [`k${at}`, 'v']));
    const refused: [string, Record<string, string>, string][] = [
      ['a billion laughs', xml, `<?xml version="1.0"?><!DOCTYPE i [<!ENTITY e0 "ha">${entities}]><instance><app>&e9;</app></instance>`],
      ['an entity of a file', xml, '<!DOCTYPE i [<!ENTITY e SYSTEM "file:///etc/passwd">]><instance><app>&e;</app></instance>'],
      ['elements without end', xml, `<instance>${'<metadata>'.repeat(20_000)}`],
      ['attributes without end', xml, `<instance ${Array.from({ length: 15_000 }, (_, at) => `a${at}="1"`).join(' ')}>`],
      ['comments that never close', xml, '<!--'.repeat(50_000)],
      ['arrays within each other', json, `{"instance":{"metadata":${'[{"a":'.repeat(30_000)}`],
      ['more entries than there may be', json, JSON.stringify({ instance: instance('EVIL', 1, { metadata: many(5_000) }) })],
      ['a name of two lines', json, JSON.stringify({ instance: instance('EVIL', 1, { instanceId: 'a\nb' }) })],
      ['a name without end', json, JSON.stringify({ instance: instance('EVIL', 1, { hostName: 'x'.repeat(5_000) }) })],
      ['a port that is none', json, JSON.stringify({ instance: instance('EVIL', 70_000) })],
      ['a lease for ever', json, JSON.stringify({ instance: instance('EVIL', 1, { leaseInfo: { durationInSecs: 1e9 } }) })],
      ['a number that is none', json, JSON.stringify({ instance: instance('EVIL', 1, { lastDirtyTimestamp: { valueOf: 1 } }) })],
      ['compression', { ...json, 'content-encoding': 'gzip' }, 'x'.repeat(1_000)],
    ];
    for (const [what, headers, body] of refused) expect((await post('EVIL', headers, body)).status, what).to.be.within(400, 415);
    const prototypes = `{"instance":{"__proto__":{"app":"EVIL"},"constructor":{},${JSON.stringify(instance('EVIL', 1)).slice(1)}}`;
    expect((await post('EVIL', json, prototypes)).status).to.equal(204);
    const bytes = [
      '\0'.repeat(2_000),
      'POST /eureka/apps/EVIL HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nG',
    ];
    for (const sent of bytes) expect((await exchange(port, sent)).status).to.equal(400);
    await allIsWell();
  }).timeout(60_000);

  it('with addresses that no gateway could call', async () => {
    for (const [at, hostName] of [
      '',
      ' ',
      'a b',
      'host/../x',
      'user@host',
      '127.0.0.1#',
      '[::1',
      'ä\u0000',
      '%',
      'x'.repeat(256),
    ].entries())
      expect([204, 400]).to.include(
        await register('EVIL', 1_000 + at, { hostName, metadata: { weight: '1e999', zone: '\u{1f600}'.repeat(60) } }),
      );
    await allIsWell();
  }).timeout(60_000);

  it('with requests that never end, and readers that never read', async () => {
    const sent = 'POST /eureka/apps/EVIL HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 200000\r\n\r\n{';
    for (let at = 0; at < 300; at += 1) {
      const socket = await connect(port);
      socket.on('error', () => {}).write(sent);
      held.push(socket);
    }
    // More than there are places, so that a gateway that starts now is told of nothing and must ask.
    const statuses = await Promise.all(
      Array.from({ length: 80 }, () => {
        return new Promise<number | undefined>((resolve, reject) => {
          const reading = request({ port, path: '/eureka/events', agent: false }, (answer) => {
            answer.on('error', () => {});
            resolve(answer.statusCode);
          });
          reading.on('socket', (socket) => held.push(socket)).on('error', reject);
          reading.end();
        });
      }),
    );
    expect(statuses).to.include(200).and.to.include(503);
    const late = await servers.public(givenRegistry(port, '200ms'));
    await eventually(
      async () => (await ask(late.port)).status,
      (status) => status === 200,
      PATIENCE,
    );
    await late.drain();
    await allIsWell();
  }).timeout(60_000);

  it('with more than there is room for', async () => {
    const metadata = { text: 'x'.repeat(60_000) };
    let taken = 0;
    const flood = async (from: number): Promise<void> => {
      for (let at = from; at < 4_000; at += 4) {
        const status = await register('EVIL', 1 + at, { metadata: { ...metadata, at: String(at) } });
        if (status === 429) return;
        expect(status).to.equal(204);
        taken += 1;
      }
    };
    await Promise.all([0, 1, 2, 3].map(flood));
    expect(taken).to.be.within(900, 1_200);
    expect(residentMiB()).to.be.below(1_024);
    // Who is in stays in, may register again, and is found by a gateway that starts now.
    expect(await register(APP, upstreamPort)).to.equal(204);
    const late = await servers.public(givenRegistry(port));
    await eventually(
      async () => (await ask(late.port)).status,
      (status) => status === 200,
      PATIENCE,
    );
    await allIsWell();
    expect(residentMiB()).to.be.below(1_024);
  }).timeout(120_000);
});
