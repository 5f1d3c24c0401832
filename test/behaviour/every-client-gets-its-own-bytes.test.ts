import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { connect } from 'node:http2';
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

  /** How a client takes its answer: at once, a little at a time, or not to its end. */
  const taken = async (answer: IncomingMessage, number: number): Promise<Buffer | undefined> => {
    const pieces: Buffer[] = [];
    for await (const piece of answer) {
      pieces.push(piece);
      if (number % 7 === 0) for (let turns = 0; turns < 20; turns += 1) await turn();
      if (number % 5 === 0 && pieces.length === 2) {
        answer.destroy();
        return undefined;
      }
    }
    return Buffer.concat(pieces);
  };

  const askAll = async (url: string, agent: Agent): Promise<number> => {
    let whole = 0;
    await Promise.all(
      asked.map(async ({ number, bytes }) => {
        const asking = request(`${url}/${number}/${bytes}`, { agent }).end();
        const [answer]: [IncomingMessage] = (await once(asking, 'response')) as never;
        const body = await taken(answer, number).catch(() => undefined);
        if (!body) return;
        expect(body.equals(bodyOf(number, bytes)), `${number} of ${bytes} bytes`).to.equal(true);
        whole += 1;
      }),
    );
    return whole;
  };

  for (const [what, route] of Object.entries({ plain: {}, cached: { cache: {} }, compressed: { filters: ['compress'] } }))
    it(`over HTTP/1.1, however fast each of them reads (${what})`, async () => {
      const { url } = await service();
      const gateway = await servers.public(open(url, { route }));
      const agent = new Agent({ keepAlive: true, maxSockets: 20 });
      servers.defer(() => agent.destroy());
      for (let round = 0; round < 3; round += 1) expect(await askAll(gateway.url, agent)).to.be.greaterThan(50);
    });

  it('over HTTP/2', async () => {
    const { url } = await service();
    const folder = certificateFolder();
    servers.defer(() => folder.remove());
    const { certFile, keyFile } = await folder.localhost();
    const given = open(url, { public: { listen: { tls: { cert: certFile, key: keyFile } } } });
    const gateway = await servers.public(given, { directory: folder.path });
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
