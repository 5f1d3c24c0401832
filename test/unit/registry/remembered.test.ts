import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mock } from 'node:test';
import { expect } from 'chai';
import type { Origin } from '../../../core/registry/last-known.ts';
import { LastKnownFile } from '../../../core/registry/last-known-file.ts';
import { remembered } from '../../../core/registry/remembered.ts';
import type { Discovered, Failure } from '../../../core/registry/source.ts';
import type { Logger } from '../../../core/telemetry/logger.ts';
import { testClock } from '../../support/clock.ts';

const MINUTE = 60_000;
const at = (port: number): Discovered => ({ origin: `http://10.0.0.1:${port}`, weight: 1 });

describe('a source that begins with what was known before', () => {
  const eureka: Origin = { registry: 'eureka', name: 'STOCK', asked: 'null' };
  let folder: string;
  let clock: ReturnType<typeof testClock>;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'postern-'));
    clock = testClock();
    mock.timers.enable({ apis: ['setTimeout'] });
  });
  afterEach(() => {
    mock.timers.reset();
    rmSync(folder, { recursive: true });
  });

  const pass = (milliseconds: number) => {
    clock.advance(milliseconds);
    mock.timers.tick(milliseconds);
  };
  const newFile = () => {
    const logger = { info() {}, warn() {} } as unknown as Logger;
    return new LastKnownFile(join(folder, 'file.json'), { clock, logger });
  };
  /** One run of a gateway; with the file of another, what takes the place of that one. */
  const run = (from = eureka, file = newFile()) => {
    const source = {
      answer: undefined as readonly Discovered[] | undefined,
      failure: undefined as Failure | undefined,
      fixed: false,
      told: () => {},
      start(onChange: () => void) {
        source.told = onChange;
      },
      stop() {},
    };
    const known = remembered(source, 'stock', from, file, clock);
    let told = 0;
    known.start(() => {
      told += 1;
    });
    return {
      known,
      told: () => told,
      say: (...ports: number[]) => {
        source.answer = ports.map(at);
        source.failure = undefined;
        source.told();
      },
      fail: () => {
        source.failure ??= { since: clock.now(), why: 'down' };
        source.told();
      },
      ports: () => known.answer?.map(({ origin }) => Number(new URL(origin).port)),
      async end() {
        await file.close();
        known.stop();
      },
    };
  };
  const runWith = async (ports: number[], from = eureka) => {
    const first = run(from);
    first.say(...ports);
    const knownAt = clock.epoch();
    await first.end();
    return knownAt;
  };

  it('has nothing before the first run, and then what was known, told at once, until there is an answer', async () => {
    const first = run();
    expect([first.ports(), first.known.asOf, first.told()]).to.deep.equal([undefined, undefined, 0]);
    await first.end();
    const knownAt = await runWith([4001, 4002]);
    clock.advance(MINUTE);
    const second = run();
    expect([second.ports(), second.known.asOf, second.known.answered, second.told()]).to.deep.equal([[4001, 4002], knownAt, false, 1]);
    second.fail();
    expect([second.ports(), second.known.asOf, second.known.failure?.why]).to.deep.equal([[4001, 4002], knownAt, 'down']);
    second.say(4003);
    expect([second.ports(), second.known.asOf, second.known.answered]).to.deep.equal([[4003], undefined, true]);
    await second.end();
  });

  it('is handed on from run to run with the time at which it was true', async () => {
    const knownAt = await runWith([4001]);
    clock.advance(MINUTE);
    const second = run();
    second.fail();
    await second.end();
    expect(run().known.asOf).to.equal(knownAt);
  });

  it('begins with what the source knows whose place it takes, and not with what an earlier run knew', async () => {
    await runWith([4001]);
    const file = newFile();
    const first = run(eureka, file);
    first.say(4002);
    clock.advance(MINUTE);
    const second = run(eureka, file);
    expect([second.ports(), second.known.asOf, second.known.answered]).to.deep.equal([[4002], clock.epoch(), false]);
    first.known.stop();
    second.say(4003);
    expect([second.ports(), run(eureka, file).ports()]).to.deep.equal([[4003], [4003]]);
    await second.end();
  });

  it('begins with nothing where the source whose place it takes has found nobody', async () => {
    await runWith([4001], { ...eureka, registry: 'dns' });
    const file = newFile();
    const first = run({ ...eureka, registry: 'dns' }, file);
    expect(first.ports()).to.deep.equal([4001]);
    first.say();
    expect(run({ ...eureka, registry: 'dns' }, file).ports()).to.equal(undefined);
    await first.end();
  });

  it('says until when it was so when the registry fails later', async () => {
    const first = run();
    first.say(4001);
    const knownAt = clock.epoch();
    first.fail();
    clock.advance(MINUTE);
    first.fail();
    await first.end();
    expect(run().known.asOf).to.equal(knownAt);
  });

  it('is not forgotten at once when a Eureka that was started anew knows nobody, but after a lease', async () => {
    const knownAt = await runWith([4001, 4002]);
    const second = run();
    second.say();
    expect([second.ports(), second.known.asOf, second.known.answered]).to.deep.equal([[4001, 4002], knownAt, true]);
    second.say(4001, 4003);
    expect([second.ports(), second.known.asOf]).to.deep.equal([[4001, 4003, 4002], knownAt]);
    // Who was there again may leave.
    second.say(4003);
    expect(second.ports()).to.deep.equal([4003, 4002]);
    pass(89_999);
    expect(second.ports()).to.deep.equal([4003, 4002]);
    const told = second.told();
    pass(1);
    expect([second.ports(), second.known.asOf, second.told()]).to.deep.equal([[4003], undefined, told + 1]);
  });

  it('is forgotten when the first answer has somebody, when it is long ago, and by DNS', async () => {
    await runWith([4001]);
    const second = run();
    second.say(4002);
    second.say();
    expect(second.ports()).to.deep.equal([]);
    await runWith([4001]);
    clock.advance(3 * MINUTE);
    const third = run();
    expect(third.ports()).to.deep.equal([4001]);
    third.say();
    expect(third.ports()).to.deep.equal([]);
    // The clock was put back meanwhile: how long ago it is, nobody knows.
    await runWith([4001]);
    clock.advance(-3 * MINUTE);
    const ahead = run();
    expect(ahead.ports()).to.deep.equal([4001]);
    ahead.say();
    expect(ahead.ports()).to.deep.equal([]);
    const dns: Origin = { registry: 'dns', name: 'stock:80', asked: 'null' };
    await runWith([4001], dns);
    const fourth = run(dns);
    expect(fourth.ports()).to.deep.equal([4001]);
    fourth.say();
    expect(fourth.ports()).to.deep.equal([]);
  });
});
