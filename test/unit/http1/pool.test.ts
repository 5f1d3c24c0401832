/** The connections to one endpoint: which is used, how long one is kept, and how all of them end. */
import { expect } from 'chai';
import type { Connect, Pool } from '../../../core/http1/pool.ts';
import { always, OK, poolStage, turn } from './a-pool.ts';
import { Asker } from './an-asker.ts';

const gone = new Error('given up');
const REQUEST = { method: 'GET', path: '/', host: 'a', fields: [], body: undefined, idle: 5_000 };

describe('a pool', () => {
  const on = poolStage();
  const saying = (line: string) => on.service(always(`HTTP/1.1 200 OK\r\n${line}\r\nContent-Length: 2\r\n\r\nok`));

  const dispatched = (pool: Pool): Asker => {
    const asker = new Asker();
    pool.dispatch(REQUEST, asker);
    return asker;
  };

  describe('keeps an idle connection', () => {
    const ages: readonly [string, string, number][] = [
      ['4 s, where the service does not say', 'X: y', 4_000],
      ['2 s less than the service says', 'Keep-Alive: timeout=5', 3_000],
      ['longer, where the service says so', 'Keep-Alive: timeout=60, max=100', 58_000],
      ['10 minutes at most', 'Keep-Alive: timeout=999999', 600_000],
    ];
    for (const [how, line, age] of ages)
      it(how, async () => {
        const { asked, clock, wires } = await saying(line);
        await asked();
        clock.advance(age - 1);
        await asked();
        expect(wires).to.have.length(1);
        clock.advance(age);
        await asked();
        expect(wires).to.have.length(2);
        await wires[0]?.closed;
      });

    for (const line of ['Keep-Alive: timeout=1', 'Keep-Alive: timeout=2', 'Keep-Alive: timeout=0', 'Connection: close'])
      it(`not at all, where there would be no time to use it: ${line}`, async () => {
        const { asked, wire } = await saying(line);
        await asked();
        await (await wire()).closed;
      });

    it('no longer for a request that was given up before it was sent', async () => {
      const { asked, clock, wires } = await on.service(always());
      await asked();
      clock.advance(3_000);
      await asked({}, { begin: ({ controller }) => controller?.abort(gone) });
      clock.advance(1_000);
      await asked();
      expect(wires).to.have.length(2);
    });
  });

  it('uses the one that was used last, so that those it does not need become old', async () => {
    const { ask, asked, wires, clock } = await on.service(always());
    await Promise.all([ask().over(), ask().over(), ask().over()]);
    expect(wires).to.have.length(3);
    clock.advance(1_500);
    await asked();
    clock.advance(1_500);
    await asked();
    await turn();
    expect(wires).to.have.length(3);
    expect(wires.map(({ received }) => received.split('\r\n\r\n').length - 1).sort()).to.deep.equal([1, 1, 3]);
  });

  it('has no connection any more that the service has closed', async () => {
    const { ask, asked, wires } = await on.service(always());
    await Promise.all([ask().over(), ask().over()]);
    for (const wire of wires) wire.end();
    await Promise.all(wires.map(({ closed }) => closed));
    expect((await asked()).body).to.equal('ok');
    expect(wires).to.have.length(3);
  });

  it('closes what is old by itself, and no timer of it keeps the process', async () => {
    const timers = () => process.getActiveResourcesInfo().filter((what) => what === 'Timeout').length;
    const { asked, clock, wire } = await on.service(always(), { keepAlive: 1 });
    const before = timers();
    await asked();
    expect(timers()).to.equal(before);
    clock.advance(2);
    await (await wire()).closed;
  });

  it('opens no more connections than there are exchanges at a time, and leaves nothing on them', async () => {
    const { asked, wires, sockets } = await on.service(always());
    const some = async () => {
      for (let count = 0; count < 250; count += 1) await asked();
    };
    await Promise.all([some(), some(), some(), some()]);
    expect(wires).to.have.length(4);
    for (const socket of sockets)
      for (const name of socket.eventNames()) expect(socket.listenerCount(name), String(name)).to.be.lessThan(4);
  });

  describe('that is closed', () => {
    it('closes what is idle, and takes no request', async () => {
      const { asked, pool, wires } = await on.service(always());
      await asked();
      expect(pool.closed).to.equal(false);
      await pool.close();
      await wires[0]?.closed;
      expect(pool.closed).to.equal(true);
      const { told, error, stale } = await asked();
      expect([told, (error as { code?: string }).code, stale]).to.deep.equal([['error'], 'WIRE_CLOSED', false]);
      await pool.close();
      await pool.destroy(gone);
    });

    it('and was never used is so at once', async () => {
      const { pool } = await on.service(always());
      await Promise.all([pool.close(), pool.destroy(gone)]);
    });

    it('waits for what is under way', async () => {
      const { ask, pool, wire } = await on.service(() => {});
      const asker = ask();
      await (await wire()).head();
      let closed = false;
      const closing = pool.close().then(() => {
        closed = true;
      });
      await turn();
      expect(closed).to.equal(false);
      (await wire()).send(OK);
      await asker.over();
      await closing;
      expect(asker.body).to.equal('ok');
    });

    it('waits for what is opening, and sends it', async () => {
      const { ask, pool } = await on.service(always());
      const asker = ask();
      const closing = pool.close();
      expect((await asker.over()).body).to.equal('ok');
      await closing;
    });
  });

  describe('that is destroyed', () => {
    it('ends what is under way', async () => {
      const { ask, pool, wire } = await on.service(() => {});
      const asker = ask();
      await (await wire()).head();
      await pool.destroy(gone);
      expect([asker.error, asker.stale, asker.ends]).to.deep.equal([gone, false, 1]);
      await (await wire()).closed;
    });

    it('also where it was closed before, and waits', async () => {
      const { ask, pool, wire } = await on.service(() => {});
      const asker = ask();
      await (await wire()).head();
      const closing = pool.close();
      await pool.destroy(gone);
      await closing;
      expect(asker.error).to.equal(gone);
    });

    it('gives up what is opening, and what would never open', async () => {
      let givenUp: Error | undefined;
      const pool = on.poolOf((_, callback) => (reason) => {
        givenUp = reason;
        callback(reason);
      });
      const asker = dispatched(pool);
      await pool.destroy(gone);
      expect([givenUp, asker.error, asker.told]).to.deep.equal([gone, gone, ['error']]);
    });
  });

  describe('whose connection does not open', () => {
    const failing: Record<string, Connect> = {
      later: (_, callback) => {
        process.nextTick(callback, gone);
        return () => {};
      },
      'at once': (_, callback) => {
        callback(gone);
        return () => {};
      },
      'for it throws': () => {
        throw gone;
      },
    };
    for (const [how, connect] of Object.entries(failing))
      it(`tells so, and can be closed (${how})`, async () => {
        const pool = on.poolOf(connect);
        const { error, stale, told } = await dispatched(pool).over();
        expect([error, stale, told]).to.deep.equal([gone, false, ['error']]);
        await pool.close();
      });
  });

  describe('whose handler throws, which none may', () => {
    const thrown = new Error('a fault of ours');
    const fault = () => {
      throw thrown;
    };
    for (const at of ['begin', 'sent', 'head', 'data'] as const)
      it(`ends its exchange with the fault, and nobody else's (${at})`, async () => {
        const { ask, asked, pool } = await on.service(always());
        const other = ask();
        const { error, ends } = await asked({}, { [at]: fault });
        expect([error, ends]).to.deep.equal([thrown, 1]);
        expect((await other.over()).body).to.equal('ok');
        expect((await asked()).body).to.equal('ok');
        await pool.close();
      });

    it('at the end closes the connection', async () => {
      const { ask, asked, pool, wire } = await on.service(always());
      await ask({}, { end: fault }).until('end');
      await (await wire()).closed;
      expect((await asked()).body).to.equal('ok');
      await pool.close();
    });
  });
});
