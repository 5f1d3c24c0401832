/** How an upload ends that is not sent whole, and that its body is destroyed once, whatever ends the exchange. */
import { expect } from 'chai';
import type { WireRequest } from '../../../core/http1/request-head.ts';
import { always, Body, OK, poolStage, turn } from './a-pool.ts';

const gone = new Error('given up');
const post = (body: Body, length?: number): Partial<WireRequest> => ({
  method: 'POST',
  body,
  fields: length === undefined ? [] : ['Content-Length', String(length)],
});

describe('an upload', () => {
  const on = poolStage();

  describe('that cannot be sent whole', () => {
    const silent = () => on.service(() => {});

    it('for it is longer than it was said to be, sends no more than that', async () => {
      const { asked, wire } = await silent();
      const body = new Body(['abc', 'def'], false);
      const { error, ends } = await asked(post(body, 5));
      expect([error?.code, ends, body.destroyals]).to.deep.equal(['WIRE_UNSENDABLE', 1, 1]);
      expect(await (await wire()).closed).to.match(/\r\n\r\n(abc)?$/);
    });

    it('for it is shorter, fails', async () => {
      const { asked, wire } = await silent();
      const body = new Body(['abc']);
      expect((await asked(post(body, 5))).error?.code).to.equal('WIRE_UNSENDABLE');
      expect(body.destroyals).to.equal(1);
      await (await wire()).closed;
    });

    it('for it fails itself, fails with its error, and the service sees no end of it', async () => {
      const { ask, wire } = await silent();
      const body = new Body(['abc'], false);
      const asker = ask(post(body));
      await (await wire()).has('abc');
      body.destroy(gone);
      const { error, stale } = await asker.over();
      expect([error, stale, body.destroyals]).to.deep.equal([gone, false, 1]);
      expect(await (await wire()).closed).to.not.contain('0\r\n\r\n');
    });

    it('for what came before its head was written is no answer to it, is sent on another connection by who asks again', async () => {
      const { ask, asked, wire } = await on.service(always(OK));
      await asked();
      const body = new Body([], false);
      const asker = ask(post(body));
      await asker.until('begin');
      (await wire()).send(OK);
      const { error, stale, told } = await asker.over();
      expect([error?.code, stale, told]).to.deep.equal(['WIRE_CLOSED', true, ['begin', 'error']]);
      expect(body.destroyals).to.equal(1);
      expect((await (await wire()).closed).match(/HTTP\/1\.1/g)).to.have.lengthOf(1);
    });

    it('for it is destroyed, fails', async () => {
      const { ask, wire } = await silent();
      const body = new Body(['abc'], false);
      const asker = ask(post(body));
      await (await wire()).has('abc');
      body.destroy();
      expect((await asker.over()).error?.code).to.equal('WIRE_UNSENDABLE');
      await (await wire()).closed;
    });

    for (const [what, reason] of [
      ['failed', gone],
      ['was destroyed', undefined],
    ] as const)
      for (const when of ['before', 'while the connection opened'] as const)
        it(`for it ${what} ${when}, fails`, async () => {
          const { ask } = await silent();
          const body = new Body(['abc'], false);
          body.on('error', () => {});
          if (when === 'before') body.destroy(reason);
          const asker = ask(post(body));
          body.destroy(reason);
          const { error, ends } = await asker.over();
          expect(ends).to.equal(1);
          if (reason) expect(error).to.equal(reason);
          else expect(error?.code).to.equal('WIRE_UNSENDABLE');
        });

    it('for it fails in the moment in which its exchange ends, is nobody’s fault any more', async () => {
      const { ask, asked, wire } = await on.service(async (wire) => {
        await wire.head();
        wire.send(OK);
      });
      await asked();
      const body = new Body(['abc'], false);
      const asker = ask(post(body));
      await (await wire()).has('abc');
      body.destroy(new Error('nobody hears it'));
      asker.controller?.abort(gone);
      expect((await asker.over()).error).to.equal(gone);
    });
  });

  describe('is destroyed once', () => {
    const ends: Record<string, (body: Body) => Promise<unknown>> = {
      'when it is given up': async (body) => {
        const { ask, wire } = await on.service(() => {});
        const asker = ask(post(body));
        await (await wire()).has('abc');
        asker.controller?.abort(gone);
        return asker.over();
      },
      'when it is given up before it was begun': async (body) => {
        const { asked } = await on.service(() => {});
        return asked(post(body), { begin: ({ controller }) => controller?.abort(gone) });
      },
      'when the service resets': async (body) => {
        const { asked } = await on.service(async (wire) => {
          await wire.has('abc');
          wire.reset();
        });
        return asked(post(body));
      },
      'when the service closes': async (body) => {
        const { asked } = await on.service(async (wire) => {
          await wire.has('abc');
          wire.end();
        });
        return asked(post(body));
      },
      'when what it says is no HTTP': async (body) => {
        const { asked } = await on.service(async (wire) => {
          await wire.has('abc');
          wire.send('hello\r\n');
        });
        return asked(post(body));
      },
      'when it is paused for ever': async (body) => {
        body.pause();
        const { ask, wire } = await on.service(() => {});
        const asker = ask(post(body));
        await wire();
        await asker.until('begin');
        asker.controller?.abort(gone);
        return asker.over();
      },
      'when its request cannot be sent': async (body) => {
        const { asked } = await on.service(always());
        return asked({ ...post(body), path: 'no path' });
      },
      'when the pool is destroyed': async (body) => {
        const { ask, wire, pool } = await on.service(() => {});
        const asker = ask(post(body));
        await (await wire()).has('abc');
        await pool.destroy(gone);
        return asker.over();
      },
      'when the pool was closed before': async (body) => {
        const { asked, pool } = await on.service(() => {});
        await pool.close();
        return asked(post(body));
      },
      'when the pool is destroyed while the connection opens': async (body) => {
        const { ask, pool } = await on.service(() => {});
        const asker = ask(post(body));
        await pool.destroy(gone);
        return asker.over();
      },
      'when no connection can be opened': async (body) => {
        const refused = on.poolOf((_, callback) => {
          process.nextTick(callback, gone);
          return () => {};
        });
        return new Promise<void>((resolve) => {
          const handler = { onBegin() {}, onSent() {}, onHead() {}, onData() {}, onEnd() {}, onError: () => resolve() };
          refused.dispatch({ method: 'POST', path: '/', host: 'a', fields: [], body, idle: 0 }, handler);
        });
      },
    };
    for (const [when, end] of Object.entries(ends))
      it(when, async () => {
        const body = new Body(['abc'], false);
        await end(body);
        await body.gone.promise;
        await turn();
        expect([body.destroyals, body.destroyed]).to.deep.equal([1, true]);
      });
  });
});
