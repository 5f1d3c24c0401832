import { once } from 'node:events';
import { createServer, get, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import Koa from 'koa';
import { metrics } from '../../../core/admin/metrics.ts';

describe('/metrics', () => {
  const SIZE = 16 * 1024 * 1024;
  let server: Server;
  let texts: Buffer[][] = [];
  beforeEach(async () => {
    texts = [];
    const app = new Koa();
    app.silent = true;
    app.use(
      metrics(async () => {
        const text = [Buffer.alloc(SIZE, String(texts.length))];
        texts.push(text);
        return text;
      }),
    );
    server = createServer(app.callback()).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterEach(() => void server.close().closeAllConnections());

  /** An answer of which nothing is read yet. */
  const ask = async (method = 'GET'): Promise<IncomingMessage> => {
    const { port } = server.address() as AddressInfo;
    const sent = get({ port, method, agent: false });
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    return answer.on('error', () => {});
  };
  const length = async (answer: IncomingMessage) => (await Array.fromAsync(answer)).reduce((sum, { length }) => sum + length, 0);

  it('is held for no more than the last few who have stopped reading', async () => {
    const stalled: IncomingMessage[] = [];
    for (let count = 0; count < 10; count += 1) stalled.push(await ask());
    expect(await length(await ask())).to.equal(SIZE);
    const rest = await Promise.allSettled(stalled.map(length));
    expect(rest.map(({ status }) => status)).to.deep.equal([...Array(7).fill('rejected'), ...Array(3).fill('fulfilled')]);
  });

  it('is read one after the other for good', async () => {
    for (let count = 0; count < 10; count += 1)
      expect(await length(await ask(count % 2 === 0 ? 'HEAD' : 'GET'))).to.equal(count % 2 === 0 ? 0 : SIZE);
  });
});
