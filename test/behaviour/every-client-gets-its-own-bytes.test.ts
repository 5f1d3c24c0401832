import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { connect } from 'node:http2';
import { Agent as EncryptedAgent, request as encrypted } from 'node:https';
import { setImmediate as turn } from 'node:timers/promises';
import { expect } from 'chai';
import { certificateFolder } from '../support/certificates.ts';
import { open } from '../support/gateways.ts';
import { serversOfThisSuite } from './support/servers.ts';

/** Another body for each number, of which any part tells whose it is. */
const bodyOf = (number: number, bytes: number): Buffer => Buffer.alloc(bytes, `${number} is the number of this answer; `);

describe('every client gets its own bytes', () => {
  const servers = serversOfThisSuite();

  /** Answers `/NUMBER/BYTES`, with a length or in chunks. */
  const service = () =>
    servers.upstream((req, res) => {
      const [, number = '', bytes = ''] = (req.url ?? '').split('/');
      const body = bodyOf(Number(number), Number(bytes));
      const sized = Number(number) % 2 === 0;
      res.writeHead(200, {
        'content-type': 'text/plain',
        'cache-control': 'max-age=60',
        ...(sized ? { 'content-length': body.length } : {}),
      });
      for (let at = 0; at < body.length; at += 50_000) res.write(body.subarray(at, at + 50_000));
      res.end();
    });

  /** Of all sizes around those of a read and of the pieces that are used again. */
  const sizes = [1, 4095, 4096, 4097, 65_000, 65_536, 100_000, 131_072, 131_073, 300_000, 1_000_000];
  const asked = Array.from({ length: 66 }, (_, number) => ({ number, bytes: sizes[number % sizes.length] as number }));

  /** More than all the buffers between a service and a client that reads nothing. */
  const TOO_MUCH = 16_000_000;

  const ask = async (url: string, agent: Agent, number: number, bytes: number): Promise<IncomingMessage> => {
    const by = url.startsWith('https:') ? encrypted : request;
    const [answer] = await once(by(`${url}/${number}/${bytes}`, { agent }).end(), 'response');
    return answer;
  };

  const check = async (answer: IncomingMessage, number: number, bytes: number): Promise<void> => {
    const pieces: Buffer[] = [];
    for await (const piece of answer) {
      pieces.push(piece);
      if (number % 7 === 0) for (let turns = 0; turns < 20; turns += 1) await turn();
      // Some leave in the middle.
      if (number % 5 === 0 && pieces.length === 2) return void answer.destroy();
    }
    expect(Buffer.concat(pieces).equals(bodyOf(number, bytes)), `${number} of ${bytes} bytes`).to.equal(true);
  };

  const askAll = async (url: string, agent: Agent): Promise<void> => {
    const waiting = await Promise.all(
      [101, 102, 103, 104].map(async (number) => [await ask(url, agent, number, TOO_MUCH), number] as const),
    );
    await Promise.all(asked.map(async ({ number, bytes }) => check(await ask(url, agent, number, bytes), number, bytes)));
    await Promise.all(waiting.map(([answer, number]) => check(answer, number, TOO_MUCH)));
  };

  for (const [what, route] of Object.entries({ plain: {}, cached: { cache: {} }, compressed: { filters: ['compress'] } }))
    it(`over HTTP/1.1, however fast each of them reads (${what})`, async () => {
      const { url } = await service();
      const gateway = await servers.public(open(url, { route }));
      const agent = new Agent({ keepAlive: true, maxSockets: 20 });
      servers.defer(() => agent.destroy());
      for (let round = 0; round < 2; round += 1) await askAll(gateway.url, agent);
    });

  const encryptedGateway = async () => {
    const { url } = await service();
    const folder = certificateFolder();
    servers.defer(() => folder.remove());
    const { certFile, keyFile } = await folder.localhost();
    const given = open(url, { public: { listen: { tls: { cert: certFile, key: keyFile } } } });
    return servers.public(given, { directory: folder.path });
  };

  it('over TLS, however fast each of them reads', async () => {
    const gateway = await encryptedGateway();
    const agent = new EncryptedAgent({ keepAlive: true, maxSockets: 20, rejectUnauthorized: false });
    servers.defer(() => agent.destroy());
    for (let round = 0; round < 2; round += 1) await askAll(gateway.url, agent);
  });

  it('over HTTP/2', async () => {
    const gateway = await encryptedGateway();
    const session = connect(gateway.url, { rejectUnauthorized: false });
    servers.defer(() => session.destroy());
    await Promise.all(
      asked.map(async ({ number, bytes }) => {
        const pieces: Buffer[] = [];
        for await (const piece of session.request({ ':path': `/${number}/${bytes}` })) pieces.push(piece);
        expect(Buffer.concat(pieces).equals(bodyOf(number, bytes)), `${number} of ${bytes} bytes`).to.equal(true);
      }),
    );
  });
});
