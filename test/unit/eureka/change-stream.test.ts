import type { Readable } from 'node:stream';
import { mock } from 'node:test';
import { expect } from 'chai';
import { ChangeStream, MAX_READERS } from '../../../core/eureka/change-stream.ts';
import { Registry } from '../../../core/registry/registry.ts';
import { testClock } from '../../support/clock.ts';
import { aRegistration } from '../registry/a-registration.ts';

describe('the events of a registry', () => {
  let registry: Registry;
  let changes: ChangeStream;
  beforeEach(() => {
    mock.timers.enable({ apis: ['setInterval'] });
    registry = new Registry({ clock: testClock(), random: () => 0, strict: false });
    changes = new ChangeStream(registry);
  });
  afterEach(() => {
    changes.close();
    mock.timers.reset();
  });
  const join = (address = '10.0.0.1') => changes.join(address) as Readable;
  const left = (reader: Readable) => new Promise((resolve) => reader.once('close', resolve).destroy());

  it('are for so many readers, and for fewer of one address', async () => {
    const readers = Array.from({ length: 16 }, () => join());
    expect(changes.join('10.0.0.1')).to.equal(undefined);
    for (let at = 16; at < MAX_READERS; at += 1) readers.push(join(`10.0.1.${at}`));
    expect(readers).to.not.include(undefined);
    expect(changes.join('10.0.0.2')).to.equal(undefined);
    await left(readers[0] as Readable);
    expect(changes.readers).to.equal(MAX_READERS - 1);
    expect(changes.join('10.0.0.1')).to.not.equal(undefined);
  });

  it('end for a reader who is too far behind, and for nobody else', () => {
    const [behind, reading] = [join(), join()];
    let read = 0;
    reading.on('data', ({ length }: Buffer) => {
      read += length;
    });
    const metadata = { text: 'x'.repeat(60_000) };
    let changed = 0;
    for (; !behind.destroyed && changed < 1_000; changed += 1) {
      registry.register(aRegistration({ metadata: { ...metadata, changed: String(changed) } }));
      reading.read();
    }
    expect(behind.destroyed).to.equal(true);
    // Far enough that nobody is cut off for a short pause, and no further.
    expect(changed * 60_000).to.be.within(4_000_000, 5_000_000);
    expect(reading.destroyed).to.equal(false);
    expect(read).to.be.greaterThan(4_000_000);
  });

  it('have a beat, by which a reader knows that they still come', () => {
    const reader = join();
    reader.read();
    mock.timers.tick(10_000);
    expect(String(reader.read())).to.equal(': \n\n');
  });
});
