import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mock } from 'node:test';
import { expect } from 'chai';
import type { LastKnown } from '../../../core/registry/last-known.ts';
import { LastKnownFile } from '../../../core/registry/last-known-file.ts';
import type { Logger } from '../../../core/telemetry/logger.ts';
import { testClock } from '../../support/clock.ts';

describe('the file of the last known endpoints', () => {
  const from = { registry: 'dns', name: 'stock:80', asked: 'null' } as const;
  let folder: string;
  let logged: Record<string, unknown>[];
  const clock = testClock();

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'postern-'));
    logged = [];
    mock.timers.enable({ apis: ['setTimeout'] });
  });
  afterEach(() => {
    mock.timers.reset();
    rmSync(folder, { recursive: true });
  });

  const place = () => join(folder, 'deep', 'file.json');
  const create = () => {
    const log = (record: Record<string, unknown>) => void logged.push(record);
    return new LastKnownFile(place(), { clock, logger: { info: log, warn: log } as unknown as Logger });
  };
  const known = (port: number): LastKnown => ({ from, at: clock.epoch(), endpoints: [{ origin: `http://10.0.0.1:${port}`, weight: 1 }] });
  const ports = () =>
    (JSON.parse(readFileSync(place(), 'utf8')).services.stock as LastKnown).endpoints.map(({ origin }) => new URL(origin).port);
  // Timers are mocked here: the event loop turns by itself.
  const soon = async (isSo: () => boolean) => {
    for (const end = performance.now() + 5_000; !isSo(); await new Promise((resolve) => setImmediate(resolve)))
      if (performance.now() > end) throw new Error(`still ${JSON.stringify(readdirSync(folder, { recursive: true }))}`);
  };

  it('is written a second after a change, once for all that changed meanwhile, and read again', async () => {
    const file = create();
    expect(file.recall('stock', from)).to.equal(undefined);
    let port = 4001;
    const changed = file.keep('stock', () => known(port));
    changed();
    mock.timers.tick(999);
    port = 4002;
    changed();
    expect(existsSync(place())).to.equal(false);
    mock.timers.tick(1);
    await soon(() => existsSync(place()));
    expect(ports()).to.deep.equal(['4002']);
    await file.close();

    const again = create();
    expect(JSON.parse(JSON.stringify(again.recall('stock', from)))).to.deep.equal(known(4002));
    expect(again.recall('stock', { ...from, name: 'other:80' })).to.equal(undefined);
    expect(again.recall('orders', from)).to.equal(undefined);
    expect(logged).to.deep.equal([{ event: 'last-known-read', file: place(), services: 1 }]);
    await again.close();
  });

  it('is written at the end, if there is anything new, and never after it', async () => {
    const file = create();
    const changed = file.keep('stock', () => known(4001));
    await file.close();
    expect(existsSync(place())).to.equal(false);
    const other = create();
    const changedThere = other.keep('stock', () => known(4002));
    changedThere();
    await other.close();
    expect(ports()).to.deep.equal(['4002']);
    changed();
    changedThere();
    mock.timers.tick(3_600_000);
    await new Promise((resolve) => setImmediate(resolve));
    expect(ports()).to.deep.equal(['4002']);
    expect(readdirSync(join(folder, 'deep'))).to.deep.equal(['file.json']);
  });

  it('is written afresh every minute and at the end, to say until when it was so', async () => {
    const file = create();
    let writes = 0;
    const changed = file.keep('stock', () => {
      writes += 1;
      return known(4001);
    });
    changed();
    mock.timers.tick(1_000);
    await soon(() => existsSync(place()));
    const before = readFileSync(place(), 'utf8');
    // The timer is set when the file is there.
    for (let turns = 0; turns < 50; turns += 1) await new Promise((resolve) => setImmediate(resolve));
    clock.advance(60_000);
    mock.timers.tick(60_000);
    await soon(() => readFileSync(place(), 'utf8') !== before);
    expect(writes).to.equal(2);
    clock.advance(5_000);
    await file.close();
    expect(JSON.parse(readFileSync(place(), 'utf8')).services.stock.at).to.equal(clock.epoch());
  });

  it('leaves out a service that is odd, which is told, and keeps the others', async () => {
    mkdirSync(join(folder, 'deep'));
    const services = { stock: known(4001), odd: { ...known(4002), endpoints: [{ origin: 'nowhere', weight: 1 }] } };
    writeFileSync(place(), JSON.stringify({ version: 1, services }));
    const file = create();
    expect(file.recall('stock', from)?.endpoints).to.have.length(1);
    expect(file.recall('odd', from)).to.equal(undefined);
    expect(logged).to.deep.equal([
      { event: 'last-known-read', file: place(), services: 1 },
      { event: 'last-known-unread', file: place(), services: 1, why: 'odd: "nowhere" is no address' },
    ]);
  });

  it('is not read where it is a pipe or a device, whose end would never come', () => {
    mkdirSync(join(folder, 'deep'));
    for (const make of [() => execFileSync('mkfifo', [place()]), () => symlinkSync('/dev/zero', place())]) {
      make();
      expect(create().recall('stock', from)).to.equal(undefined);
      rmSync(place());
    }
    expect(logged.map(({ event, why }) => [event, why])).to.deep.equal(Array(2).fill(['last-known-unread', 'it is no file']));
  });

  it('is alone again after a run that was killed while it wrote', async () => {
    mkdirSync(join(folder, 'deep'));
    const left = ['file.json.bak', 'file.json.0b4e8f2c-17a9-4a55-9d2f-6f6f0a1c9e3d', 'other.json.0b4e8f2c-17a9-4a55-9d2f-6f6f0a1c9e3d'];
    for (const name of left) writeFileSync(join(folder, 'deep', name), '{');
    const file = create();
    file.keep('stock', () => known(4001))();
    await file.close();
    expect(readdirSync(join(folder, 'deep')).sort()).to.deep.equal(['file.json', left[0], left[2]]);
  });

  it('that cannot be read is told once, and is as if there were none', async () => {
    writeFileSync(join(folder, 'deep'), 'no folder');
    const file = create();
    for (let asked = 0; asked < 3; asked += 1) expect(file.recall('stock', from)).to.equal(undefined);
    expect(logged.map(({ event }) => event)).to.deep.equal(['last-known-unread']);
    const changed = file.keep('stock', () => known(4001));
    for (let round = 0; round < 3; round += 1) {
      changed();
      mock.timers.tick(1_000);
      for (let turns = 0; turns < 50; turns += 1) await new Promise((resolve) => setImmediate(resolve));
    }
    await soon(() => logged.length === 2);
    changed();
    await file.close();
    expect(logged.map(({ event }) => event)).to.deep.equal(['last-known-unread', 'last-known-unwritten']);
  });
});
