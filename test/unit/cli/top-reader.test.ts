import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { createReader, type Reader } from '../../../core/cli/top/reader.ts';

const none = { requests: 0, rate: 0, statuses: {}, errors: {}, refused: {}, p50: null, p99: null };
const stats = { gateway: 'g', revision: 'r', at: 0, window: '10s', total: none, routes: [], services: [], users: [] };

describe('what top reads of an admin port that is none', () => {
  const opened: Server[] = [];
  const readers: Reader[] = [];
  after(() => {
    for (const reader of readers) reader.close();
    for (const server of opened) server.close().closeAllConnections();
  });

  const reading = async (stream: RequestListener, answer: RequestListener): Promise<Reader> => {
    const server = createServer((req, res) => (req.url?.startsWith('/hystrix') ? stream(req, res) : answer(req, res)));
    opened.push(server);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const reader = createReader({ url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`), token: undefined });
    readers.push(reader);
    return reader;
  };
  const failure = (reader: Reader) => reader.read('10s').then(String, (error: Error) => error.message);
  const nothing: RequestListener = (_, res) => res.writeHead(404).end();

  it('has an end', async () => {
    const endless = await reading(nothing, (_, res) => {
      const chunk = Buffer.alloc(1 << 20, 0x20);
      const more = () => {
        while (!res.destroyed && res.write(chunk));
      };
      res.on('drain', more);
      more();
    });
    expect(await failure(endless)).to.contain('answers with more than statistics');
  });

  it('may break off', async () => {
    const broken = await reading(nothing, (_, res) => {
      res.writeHead(200, { 'content-length': 100 });
      res.write('{', () => res.destroy());
    });
    expect(await failure(broken)).to.match(/broke off its answer|does not answer/);
  });

  it('is not drawn where its figures are none', async () => {
    const strange = await reading(nothing, (_, res) => res.end(JSON.stringify({ ...stats, total: { ...none, p99: '\u001b[2J' } })));
    expect(await failure(strange)).to.contain('but not with statistics');
  });

  it('is kept in bounds, however many services it names', async () => {
    const command = (name: string) => `data: ${JSON.stringify({ type: 'HystrixCommand', name })}\n`;
    const many = await reading(
      (_, res) => {
        res.write(command('x'.repeat(1000)));
        for (let at = 0; at < 12_000; at += 1) res.write(command(`s${at}`));
      },
      (_, res) => res.end(JSON.stringify(stats)),
    );
    let most = 0;
    let tries = 0;
    while (most < 10_000 && tries < 1000) {
      tries += 1;
      const { circuits } = await many.read('10s');
      expect(circuits.has('x'.repeat(1000))).to.equal(false);
      most = Math.max(most, circuits.size);
    }
    expect(most).to.equal(10_000);
  });
});
