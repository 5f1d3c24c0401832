import type { AddressInfo } from 'node:net';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import Koa from 'koa';
import { Refused } from '../../../core/eureka/refused.ts';
import { unreadWithin } from '../../../core/eureka/unread.ts';
import { eventually } from '../../behaviour/support/eventually.ts';

/** More than what the systems at both ends take of an answer that nobody reads. */
const LARGE = 16 * 1024 * 1024;

describe('answers that nobody reads', () => {
  const closers: (() => unknown)[] = [];
  afterEach(() => {
    for (const close of closers.splice(0)) close();
  });

  const start = async (time: number) => {
    const shared = Buffer.alloc(LARGE, 'x');
    const app = new Koa().use(async (ctx, next) => {
      await next().catch((error) => {
        if (!(error instanceof Refused)) throw error;
        ctx.status = error.status;
        ctx.body = 'refused';
      });
    });
    // Of connections that ended there is nothing to be said.
    app.silent = true;
    app.use(unreadWithin({ bytes: LARGE * 2.5, time }));
    app.use((ctx) => {
      if (ctx.path === '/shared') ctx.body = shared;
      if (ctx.path === '/own') ctx.body = 'x'.repeat(LARGE);
      if (ctx.path === '/document') ctx.body = { large: 'x'.repeat(LARGE) };
      if (ctx.path === '/small') ctx.body = 'here';
    });
    const server = app.listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    closers.push(() => {
      server.close();
      server.closeAllConnections();
    });
    /** Asks and reads the head alone. */
    const ask = async (path: string): Promise<{ socket: Socket; status: number; type: string | undefined }> => {
      const socket = connect(port, '127.0.0.1').on('error', () => {});
      closers.push(() => socket.destroy());
      socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
      const head: Buffer = await new Promise((resolve) => socket.once('data', resolve));
      socket.pause();
      const [, status] = /^HTTP\/1.1 (\d+)/.exec(head.toString('latin1')) ?? [];
      return { socket, status: Number(status), type: /^content-type: (.*)$/im.exec(head.toString('latin1'))?.[1]?.trim() };
    };
    return { ask };
  };

  it('are bounded together, one that many are sent counting once; who comes then is sent elsewhere', async () => {
    const { ask } = await start(60_000);
    const asked = [await ask('/document'), await ask('/own')];
    expect(asked.map(({ status, type }) => [status, type])).to.deep.equal([
      [200, 'application/json; charset=utf-8'],
      [200, 'text/plain; charset=utf-8'],
    ]);
    expect((await ask('/own')).status).to.equal(503);
    expect((await ask('/small')).status, 'there is room for it').to.equal(200);
    for (const { socket } of asked) socket.destroy();
    await eventually(
      async () => (await ask('/shared')).status,
      (status) => status === 200,
    );
    for (let count = 0; count < 5; count += 1) expect((await ask('/shared')).status).to.equal(200);
    expect((await ask('/own')).status).to.equal(200);
    expect((await ask('/own')).status).to.equal(503);
  });

  it('do not wait for ever', async () => {
    const { ask } = await start(50);
    const asked = [await ask('/own'), await ask('/own')];
    await eventually(
      async () => (await ask('/own')).status,
      (status) => status === 200,
    );
    const [first] = asked;
    // What is left of it in the systems is read, and then there is an end without the rest.
    const read = first && (await text(first.socket).catch(() => ''));
    expect(read?.length).to.be.lessThan(LARGE / 2);
  });
});
