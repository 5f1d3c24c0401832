/** One exchange after another on a connection, and what ends them. */
import { once } from 'node:events';
import { expect } from 'chai';
import { connector } from '../../../core/endpoint/connector.ts';
import type { Take } from '../../../core/http1/pool.ts';
import { always, Body, OK, poolStage, takesNothingBehind } from './a-pool.ts';
import { Asker } from './an-asker.ts';

const gone = new Error('given up');
const partOf = (body: string) => `HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n${body}`;

describe('a connection', () => {
  const on = poolStage();

  it('carries one exchange after another', async () => {
    const { asked, wires, pool } = await on.service(always());
    for (let count = 0; count < 5; count += 1) {
      const { told, body } = await asked();
      expect([told, body]).to.deep.equal([['begin', 'sent', 'head', 'data', 'end'], 'ok']);
    }
    expect(wires).to.have.length(1);
    await pool.close();
  });

  it('is out of the reach of an exchange that is over', async () => {
    const { ask, asked, wires } = await on.service(async (wire) => {
      await wire.head();
      wire.send(OK);
      await wire.head(2);
      wire.send(partOf('12345'));
      await wire.head(3);
    });
    const { controller } = await asked();
    const next = ask();
    await next.until('data');
    controller?.pause();
    controller?.resume();
    controller?.abort(gone);
    wires[0]?.send('67890');
    expect((await next.over()).body).to.equal('1234567890');
    expect(next.error).to.equal(undefined);
  });

  it('goes on to be read where an exchange ends that had paused it', async () => {
    const { asked, wires } = await on.service(always());
    const pausing = { data: ({ controller }: { controller: { pause(): void } | undefined }) => controller?.pause() };
    expect((await asked({}, pausing)).body).to.equal('ok');
    expect((await asked({}, pausing)).body).to.equal('ok');
    expect(wires).to.have.length(1);
  });

  for (const [what, more] of Object.entries({ 'another answer': OK, 'a line end': '\r\n', 'one byte': 'H' })) {
    it(`is closed where ${what} comes behind an answer, and neither exchange has it`, async () => {
      const { asked, wires } = await on.service(async (wire) => {
        await wire.head();
        wire.send(OK + more);
      });
      for (let count = 1; count <= 2; count += 1) {
        expect((await asked()).body).to.equal('ok');
        expect(wires).to.have.length(count);
        await wires[count - 1]?.closed;
      }
    });

    it(`is closed where ${what} comes while it is idle`, async () => {
      const { asked, wire, wires } = await on.service(async (wire) => {
        await wire.head();
        wire.send(OK);
      });
      await asked();
      (await wire()).send(more);
      await wires[0]?.closed;
      expect((await asked()).told).to.deep.equal(['begin', 'sent', 'head', 'data', 'end']);
      expect(wires).to.have.length(2);
    });
  }

  it('is closed where another answer was read with the next piece of what had come, too', () =>
    takesNothingBehind((script) => on.service(script), 64 << 10));

  it('is closed where a part of an answer comes before a request was sent on it', async () => {
    const { ask, sockets } = await on.service((wire) => wire.send(OK));
    const first = ask({}, { begin: ({ controller }) => controller?.abort(gone) });
    await first.over();
    await once(sockets[0] as never, 'close');
    expect(first.told).to.deep.equal(['begin', 'error']);
  });

  describe('that breaks', () => {
    const breaking = (answers: number, last = '', how: 'reset' | 'end' = 'end') =>
      on.service(async (wire) => {
        for (let count = 1; count <= answers; count += 1) {
          await wire.head(count);
          wire.send(OK);
        }
        await wire.head(answers + 1);
        if (last === '') wire[how]();
        else wire.socket.write(last, () => wire[how]());
      });

    for (const how of ['reset', 'end'] as const) {
      it(`is stale where it had answered before and says nothing now (${how})`, async () => {
        const { asked } = await breaking(1, '', how);
        await asked();
        const { stale, error } = await asked();
        expect([stale, error?.code]).to.deep.equal([true, how === 'end' ? 'WIRE_CLOSED' : 'ECONNRESET']);
      });

      it(`is not where it is new (${how})`, async () => {
        const { asked } = await breaking(0, '', how);
        expect((await asked()).stale).to.equal(false);
      });

      for (const last of ['H', 'HTTP/1.1 100 Continue\r\n\r\n', partOf('1')])
        it(`is not where a byte of the answer has come: ${JSON.stringify(last.slice(0, 12))} (${how})`, async () => {
          const { asked } = await breaking(1, last, how);
          await asked();
          const { stale, error } = await asked();
          expect(error).to.be.instanceOf(Error);
          expect(stale).to.equal(false);
        });
    }

    it('is not where the exchange was given up', async () => {
      const { ask, asked } = await breaking(1);
      await asked();
      const asker = ask();
      await asker.until('sent');
      asker.controller?.abort(gone);
      const { error, stale, ends } = await asker.over();
      expect([error, stale, ends]).to.deep.equal([gone, false, 1]);
    });

    it('ends an answer that goes on to its end', async () => {
      const { asked, wires } = await on.service(async (wire) => {
        await wire.head();
        wire.end('HTTP/1.1 200 OK\r\n\r\nall of it');
      });
      expect((await asked()).body).to.equal('all of it');
      await wires[0]?.closed;
    });
  });

  describe('whose exchange is given up', () => {
    it('in onBegin has nothing written to it, and is used again', async () => {
      const { asked, wires } = await on.service(always());
      const { told, error, stale } = await asked({}, { begin: ({ controller }) => controller?.abort(gone) });
      expect([told, error, stale]).to.deep.equal([['begin', 'error'], gone, false]);
      await asked({ path: '/next' });
      expect(wires).to.have.length(1);
      expect(wires[0]?.received.split('\r\n')[0]).to.equal('GET /next HTTP/1.1');
    });

    it('in onBegin for another one, which the handler has sent at once', async () => {
      const { asked, ask, wires } = await on.service(always());
      await asked();
      let other: ReturnType<typeof ask> | undefined;
      await asked(
        { path: '/first' },
        {
          begin: ({ controller }) => controller?.abort(gone),
          error: () => {
            other = ask({ path: '/second' });
          },
        },
      );
      expect((await other?.over())?.body).to.equal('ok');
      expect(wires).to.have.length(1);
      expect(wires[0]?.received).to.contain('GET /second').and.not.contain('GET /first');
    });

    for (const at of ['sent', 'head', 'data'] as const)
      it(`in ${at} is closed, and hears no more`, async () => {
        const { asked, wire } = await on.service(async (wire) => {
          await wire.head();
          wire.send(partOf('12345'));
        });
        const { told, error, ends } = await asked(
          {},
          { [at]: ({ controller }: { controller?: { abort(reason: Error): void } }) => controller?.abort(gone) },
        );
        await (await wire()).closed;
        expect([told.slice(-2), error, ends]).to.deep.equal([[at, 'error'], gone, 1]);
      });

    it('while it is paused is closed', async () => {
      const { ask, wire } = await on.service(async (wire) => {
        await wire.head();
        wire.send(partOf('12345'));
      });
      const asker = ask({}, { head: ({ controller }) => controller?.pause() });
      await asker.until('head');
      asker.controller?.abort(gone);
      expect((await asker.over()).error).to.equal(gone);
      await (await wire()).closed;
    });
  });

  describe('whose request is not written yet', () => {
    const carrying = async () => {
      const service = await on.service(always());
      await service.asked({ path: '/before' });
      return service;
    };
    const linesOf = (received: string | undefined) => received?.match(/\S+ \S+ HTTP/g);

    it('is as it was where that is given up, and carries the next at once', async () => {
      const { ask, asked, wires } = await carrying();
      const first = ask({ path: '/first' });
      first.controller?.abort(gone);
      const second = await asked({ path: '/second' });
      expect([first.told, first.error, first.stale, first.ends]).to.deep.equal([['begin', 'error'], gone, false, 1]);
      expect([second.told, second.body]).to.deep.equal([['begin', 'sent', 'head', 'data', 'end'], 'ok']);
      expect(wires.map(({ received }) => linesOf(received))).to.deep.equal([['GET /before HTTP', 'GET /second HTTP']]);
    });

    it('is given to an upload where that is given up, and nothing comes between its pieces', async () => {
      const { ask, wires } = await carrying();
      ask({ path: '/first' }).controller?.abort(gone);
      const body = new Body(['abc'], false);
      const upload = ask({ method: 'PUT', path: '/second', fields: ['content-length', '6'], body });
      await wires[0]?.has('abc');
      body.push('def');
      body.push(null);
      await upload.over();
      expect(upload.body).to.equal('ok');
      expect(wires).to.have.length(1);
      expect(wires[0]?.received)
        .to.match(/abcdef$/)
        .and.not.contain('/first');
    });

    it('is not closed before it was answered, where its pool is closed', async () => {
      const { ask, pool, wires } = await carrying();
      const last = ask({ path: '/last' });
      await pool.close();
      expect([last.body, last.ends]).to.deep.equal(['ok', 1]);
      expect(wires).to.have.length(1);
    });

    it('has nothing written to it where its pool is destroyed', async () => {
      const { ask, pool, wires } = await carrying();
      const last = ask({ path: '/last' });
      await pool.destroy(gone);
      expect([last.told, last.error]).to.deep.equal([['begin', 'error'], gone]);
      expect(linesOf(await wires[0]?.closed)).to.deep.equal(['GET /before HTTP']);
    });

    it('is stale where it breaks', async () => {
      const { ask, sockets } = await carrying();
      const asker = ask();
      sockets[0]?.destroy();
      const { stale, error, ends } = await asker.over();
      expect([stale, error?.code, ends]).to.deep.equal([true, 'WIRE_CLOSED', 1]);
    });

    it('is stale where an answer comes on it, which is none of its own', async () => {
      const { port, wires } = await on.service(always());
      const connect = connector({ protocol: 'http:', hostname: '127.0.0.1', port, servername: '' }, 5_000);
      let come: Take | undefined;
      const pool = on.poolOf((take, callback) => {
        come = take;
        return connect(take, callback);
      });
      const [first, second] = [new Asker(), new Asker()];
      const request = { method: 'GET', host: 'a', fields: [], body: undefined, idle: 5_000 };
      pool.dispatch({ ...request, path: '/before' }, first);
      await first.over();
      pool.dispatch({ ...request, path: '/second' }, second);
      come?.(Buffer.from(OK), false, false);
      expect([second.told, second.stale]).to.deep.equal([['begin', 'error'], true]);
      expect(linesOf(await wires[0]?.closed)).to.deep.equal(['GET /before HTTP']);
    });

    it('fails alone where its handler throws when it is written', async () => {
      const { ask, asked } = await carrying();
      const fault = () => {
        throw gone;
      };
      const [failing, other] = await Promise.all([asked({}, { sent: fault }), ask().over()]);
      expect([failing.error, failing.ends, other.body]).to.deep.equal([gone, 1, 'ok']);
    });
  });

  it('keeps no piece in memory that another read writes over', async () => {
    const pieces: Buffer[] = [];
    const { ask, wire } = await on.service(async (wire) => {
      await wire.head();
      wire.send(partOf('12345'));
    });
    const asker = ask();
    const { onData } = asker;
    asker.onData = (piece) => {
      pieces.push(piece);
      onData.call(asker, piece);
    };
    await asker.until('data');
    (await wire()).send('67890');
    await asker.over();
    expect(Buffer.concat(pieces).toString()).to.equal('1234567890');
  });
});
