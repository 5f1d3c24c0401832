/** A body on its way: at the service's pace, and destroyed once, whatever ends its exchange. */
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { mock } from 'node:test';
import { expect } from 'chai';
import type { WireRequest } from '../../../core/http1/request-head.ts';
import { Body, OK, poolStage, turn } from './a-pool.ts';
import type { Asker } from './an-asker.ts';

const gone = new Error('given up');
const post = (body: Readable, length?: number): Partial<WireRequest> => ({
  method: 'POST',
  body,
  fields: length === undefined ? [] : ['Content-Length', String(length)],
});
const REFUSED = 'HTTP/1.1 413 Content Too Large\r\nContent-Length: 2\r\n\r\nno';

describe('an upload', () => {
  const on = poolStage();

  /** Answers when the bytes behind the nth head are these. */
  const answeringAfter = (ending: string) =>
    on.service(async (wire) => {
      for (let count = 1; ; count += 1) {
        await wire.has((received) => received.split(ending).length > count);
        wire.send(OK);
      }
    });

  const bodies: readonly [string, (string | Buffer)[], number | undefined, string][] = [
    ['with a length', ['abc', 'def'], 6, 'content-length: 6\r\n\r\nabcdef'],
    ['in chunks', ['abc', 'defghijklmnop'], undefined, 'transfer-encoding: chunked\r\n\r\n3\r\nabc\r\nd\r\ndefghijklmnop\r\n0\r\n\r\n'],
    ['that is empty, with a length', [], 0, 'content-length: 0\r\n\r\n'],
    ['that is empty, without', [], undefined, 'content-length: 0\r\n\r\n'],
  ];
  for (const [what, pieces, length, wanted] of bodies)
    it(`${what} is sent, and its connection used again`, async () => {
      const { asked, wires } = await answeringAfter(wanted);
      for (let count = 1; count <= 2; count += 1) {
        const body = new Body(pieces);
        const asker = await asked(post(body, length));
        expect([asker.told, body.destroyals]).to.deep.equal([['begin', 'sent', 'head', 'data', 'end'], 1]);
      }
      expect(wires).to.have.length(1);
    });

  it('with an empty piece is not ended by it', async () => {
    const { asked, wires } = await answeringAfter('0\r\n\r\n');
    await asked(post(Readable.from([Buffer.from('a'), Buffer.alloc(0), Buffer.from('b')])));
    expect(wires[0]?.received).to.match(/\r\n\r\n1\r\na\r\n1\r\nb\r\n0\r\n\r\n$/);
  });

  it('leaves nothing on a connection that carries many', async () => {
    const { asked, wires, sockets } = await answeringAfter('0\r\n\r\n');
    const listening = () => sockets[0]?.eventNames().map((name) => [name, sockets[0]?.listenerCount(name)]);
    await asked(post(new Body(['first'])));
    const before = listening();
    for (let count = 0; count < 50; count += 1) await asked(post(new Body(['another', 'one'])));
    expect(listening()).to.deep.equal(before);
    expect(wires).to.have.length(1);
  });

  it('waits for a service that does not read, and takes no more meanwhile', async () => {
    const service = await on.service(async (wire) => {
      wire.socket.pause();
    });
    let read = 0;
    const piece = Buffer.alloc(1 << 16);
    const body = new Readable({
      read() {
        read += piece.length;
        this.push(read > 100 << 20 ? null : piece);
      },
    });
    const asker = service.ask(post(body));
    const { socket } = await service.wire();
    // Until the kernel takes no more.
    for (let before = -1, quiet = 0; quiet < 100; quiet = before === read ? quiet + 1 : 0, before = read) await turn();
    expect(read).to.be.lessThan(20 << 20);
    expect(service.sockets[0]?.writableLength).to.be.lessThan(1 << 20);
    expect(asker.ends).to.equal(0);
    // And goes on with it.
    const before = read;
    socket.removeAllListeners('data').resume();
    while (read < 100 << 20) await once(service.sockets[0] as never, 'drain');
    expect(read).to.be.greaterThan(before);
    await asker.until('sent');
    asker.controller?.abort(gone);
    await asker.over();
  });

  describe('whose service answers before it has all of it', () => {
    it('is given up with the end of the answer, and the connection closed', async () => {
      const { asked, wire } = await on.service(async (wire) => {
        await wire.has('start');
        wire.send(REFUSED);
      });
      const body = new Body(['start'], false);
      const asker = await asked(post(body));
      expect([asker.status, asker.body, body.destroyals]).to.deep.equal([413, 'no', 1]);
      await (await wire()).closed;
    });

    it('goes on while the answer does', async () => {
      const { ask, asked, wire, wires } = await on.service(async (wire) => {
        await wire.has('start');
        wire.send('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n');
        await wire.has('0\r\n\r\n');
        wire.send('3\r\ntwo\r\n0\r\n\r\n');
        await wire.head(3);
        wire.send(OK);
      });
      const body = new Body(['start'], false);
      const asker = ask(post(body));
      await asker.until('data');
      body.push('more');
      body.push(null);
      expect((await asker.over()).body).to.equal('onetwo');
      expect((await wire()).received).to.contain('more');
      await asked();
      expect(wires).to.have.length(1);
    });

    it('closes the connection where the end of it has not left yet', async () => {
      const held = Promise.withResolvers<void>();
      const service = await on.service(async (wire) => {
        await wire.head();
        wire.socket.pause();
        await held.promise;
        wire.send(REFUSED);
      });
      // Its last piece waits behind what the kernel has no room for.
      const body: Readable = new Readable({
        read: () => void body.push((service.sockets[0]?.writableLength ?? 0) > 0 ? null : Buffer.alloc(1024)),
      });
      const asker = service.ask(post(body));
      await asker.until('sent');
      expect(service.sockets[0]?.writableLength).to.be.greaterThan(0);
      held.resolve();
      expect((await asker.over()).status).to.equal(413);
      const wire = await service.wire();
      wire.socket.resume();
      await wire.closed;
    });

    it('and resets has its answer read, though a write fails first', async () => {
      const body = new Body(['start'], false);
      const { asked } = await on.service(async (wire) => {
        await wire.has('start');
        wire.send(REFUSED);
        wire.reset();
        // At once, so that nothing has been read yet.
        body.push('more');
      });
      const asker = await asked(post(body));
      expect([asker.status, asker.body, asker.error]).to.deep.equal([413, 'no', undefined]);
    });

    it('and resets in the middle of it has its answer fail, not wait', async () => {
      const body = new Body(['start'], false);
      const { asked } = await on.service(async (wire) => {
        await wire.has('start');
        wire.send('HTTP/1.1 413 Content Too Large\r\nContent-Length: 20\r\n\r\nno');
        wire.reset();
        body.push('more');
      });
      const asker = await asked(post(body));
      expect([asker.body, asker.ends, asker.stale]).to.deep.equal(['no', 1, false]);
      expect(asker.error).to.be.instanceOf(Error);
    });

    describe('and resets, where a write fails first', () => {
      afterEach(() => mock.timers.reset());

      it('is read at the pace of whoever takes the answer', async () => {
        mock.timers.enable({ apis: ['setInterval'] });
        const length = 50_000;
        const body = new Body(['start'], false);
        const paused = Promise.withResolvers<void>();
        const failed = Promise.withResolvers<void>();
        const { ask } = await on.service(async (wire) => {
          await wire.has('start');
          wire.send(`HTTP/1.1 413 Content Too Large\r\nContent-Length: ${length}\r\n\r\n`);
          // All that is read at once would be read before.
          await paused.promise;
          wire.send('x'.repeat(length));
          wire.reset();
          body.push('more');
          for (let turns = 0; turns < 20; turns += 1) await turn();
          failed.resolve();
        });
        const head = ({ controller }: Asker) => {
          controller?.pause();
          paused.resolve();
        };
        const asker = ask(post(body), { head });
        await failed.promise;
        mock.timers.tick(10_000);
        await turn();
        expect(asker.ends).to.equal(0);
        asker.controller?.resume();
        expect([(await asker.over()).bytes, asker.error]).to.deep.equal([length, undefined]);
      });
    });

    for (const how of ['end', 'reset', 'destroySoon'] as const)
      it(`and closes has its answer read (${how})`, async () => {
        const { asked } = await on.service(async (wire) => {
          await wire.has((received) => received.length > 300_000);
          wire.socket.pause();
          wire.socket.write(REFUSED, () => {
            if (how === 'destroySoon') wire.socket.destroySoon();
            else wire[how]();
          });
        });
        const piece = Buffer.alloc(1 << 16);
        const body = new Readable({ read: () => body.push(piece) });
        const asker = await asked(post(body));
        expect([asker.status, asker.body, asker.error]).to.deep.equal([413, 'no', undefined]);
        expect(body.destroyed).to.equal(true);
      });
  });
});
