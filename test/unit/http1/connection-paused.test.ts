/** Whoever takes an answer may be slower than the service that gives it; and the service may be silent. */
import { once } from 'node:events';
import { expect } from 'chai';
import { OK, poolStage, turn } from './a-pool.ts';

const gone = new Error('given up');
const partOf = (body: string) => `HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n${body}`;

describe('a connection', () => {
  const on = poolStage();

  describe('that is paused', () => {
    /** A service that sends for ever. */
    const flood = () => {
      const piece = Buffer.alloc(1 << 16);
      return on.service(async (wire) => {
        await wire.head();
        wire.send('HTTP/1.1 200 OK\r\n\r\n');
        for (;;) {
          if (wire.socket.write(piece)) continue;
          await Promise.race([once(wire.socket, 'drain'), wire.closed]);
          if (wire.socket.destroyed) return;
        }
      });
    };

    for (const at of ['begin', 'head', 'data'] as const)
      for (const again of [false, true])
        it(`in ${at} is read no further${again ? ', though it was resumed in between' : ''}`, async () => {
          const { ask, sockets } = await flood();
          let paused = 0;
          const asker = ask(
            {},
            {
              [at]: ({ controller, bytes }: { controller?: { pause(): void; resume(): void }; bytes: number }) => {
                if (paused > 0) return;
                controller?.pause();
                if (again) controller?.resume();
                if (again) controller?.pause();
                paused = bytes + 1;
              },
            },
          );
          await asker.until(at);
          for (let count = 0; count < 50; count += 1) await turn();
          // What the read under way had brought, and at most one read more.
          expect(asker.bytes - paused).to.be.lessThan(2 << 16);
          const [socket] = sockets;
          const before = socket?.bytesRead;
          for (let count = 0; count < 50; count += 1) await turn();
          expect(socket?.bytesRead).to.equal(before);
          asker.controller?.abort(gone);
          await asker.over();
        });

    it('is not silent, however long; and is when it has been resumed', async () => {
      const { ask, sockets } = await on.service(async (wire) => {
        await wire.head();
        wire.send(partOf('12345'));
      });
      const asker = ask({ idle: 20 }, { data: ({ controller }) => controller?.pause() });
      await asker.until('data');
      await once(sockets[0] as never, 'timeout');
      expect(asker.ends).to.equal(0);
      asker.controller?.resume();
      expect((await asker.over()).error?.code).to.equal('WIRE_SILENT');
    });

    it('goes on where it was, when it is resumed after the time in which it may be silent', async () => {
      const { ask, sockets, wire } = await on.service(async (wire) => {
        await wire.head();
        wire.send(partOf('12345'));
      });
      const asker = ask({ idle: 100 }, { data: ({ controller, bytes }) => bytes === 5 && controller?.pause() });
      await asker.until('data');
      await once(sockets[0] as never, 'timeout');
      (await wire()).send('67890');
      asker.controller?.resume();
      expect((await asker.over()).body).to.equal('1234567890');
    });
  });

  it('is silent only where an answer has begun: before, others count the time', async () => {
    const { ask, wire } = await on.service(async (wire) => {
      await wire.head();
      wire.send('HTTP/1.1 103 Early Hints\r\n\r\n');
    });
    const waiting = ask({ idle: 1 });
    await waiting.until('head');
    for (let count = 0; count < 20; count += 1) await turn();
    expect(waiting.ends).to.equal(0);
    (await wire()).send(partOf('1'));
    expect((await waiting.over()).error?.code).to.equal('WIRE_SILENT');
  });

  it('has no time limit left from an exchange before', async () => {
    const { ask, asked, sockets, wire } = await on.service(async (wire) => {
      await wire.head();
      wire.send(partOf('12345'));
      await wire.head(2);
      wire.send(OK);
    });
    const asker = ask();
    await asker.until('data');
    expect(sockets[0]?.timeout).to.equal(5_000);
    (await wire()).send('67890');
    await asker.over();
    expect(sockets[0]?.timeout).to.equal(0);
    expect((await asked()).body).to.equal('ok');
  });
});
