import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { configFile, Overtaken, revisionOf } from '../../../core/revisions/file.ts';
import { Busy, lock } from '../../../core/revisions/lock.ts';
import { ownProcess } from '../../../core/revisions/process.ts';

describe('the file of a configuration', () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'postern-'));
    file = join(folder, 'postern.yaml');
    writeFileSync(file, 'old\n');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('is replaced whole, with its mode, where a link leads', async () => {
    const link = join(folder, 'link.yaml');
    symlinkSync('postern.yaml', link);
    chmodSync(file, 0o640);
    const source = configFile(link);
    const { revision } = source.read();
    const held = await source.lock();
    source.replace('new\n', revision, held);
    held.release();
    expect([readFileSync(file, 'utf8'), lstatSync(link).isSymbolicLink(), statSync(file).mode & 0o777]).to.deep.equal([
      'new\n',
      true,
      0o640,
    ]);
    expect(source.read().revision).to.equal(revisionOf('new\n'));
    expect(readdirSync(folder).sort()).to.deep.equal(['link.yaml', 'postern.yaml']);
  });

  it('keeps the mark of its encoding, which is no part of its text', async () => {
    writeFileSync(file, '\uFEFFold\n');
    const source = configFile(file);
    const held = await source.lock();
    expect(source.read()).to.deep.equal({ text: 'old\n', revision: revisionOf('old\n') });
    source.replace('new\n', revisionOf('old\n'), held);
    held.release();
    expect(readFileSync(file, 'utf8')).to.equal('\uFEFFnew\n');
  });

  it('takes out what a killed writer has left', async () => {
    writeFileSync(join(folder, '.postern.yaml.01234567-89ab-cdef-0123-456789abcdef'), 'half');
    writeFileSync(join(folder, '.postern.yaml.swp'), 'of an editor');
    const source = configFile(file);
    const held = await source.lock();
    source.replace('new\n', source.read().revision, held);
    held.release();
    expect(readdirSync(folder).sort()).to.deep.equal(['.postern.yaml.swp', 'postern.yaml']);
  });

  it('is never replaced over what somebody else wrote meanwhile, nor by who has lost the lock', async () => {
    const source = configFile(file);
    const { revision } = source.read();
    const held = await source.lock();
    writeFileSync(file, 'of an editor\n');
    expect(() => source.replace('new\n', revision, held)).to.throw(Overtaken);
    held.release();
    expect(() => source.replace('new\n', source.read().revision, held)).to.throw(Overtaken);
    expect([readFileSync(file, 'utf8'), readdirSync(folder)]).to.deep.equal(['of an editor\n', ['postern.yaml']]);
  });
});

describe('the lock of a file', () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'postern-'));
    file = join(folder, 'lock');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('lets one in at a time, also of several processes', async function () {
    this.timeout(30_000);
    const counter = join(folder, 'counter');
    writeFileSync(counter, '0');
    const script = `
      import { readFileSync, writeFileSync } from 'node:fs';
      import { lock } from ${JSON.stringify(join(import.meta.dirname, '../../../core/revisions/lock.ts'))};
      for (let n = 0; n < 25; n += 1) {
        const held = await lock(${JSON.stringify(file)});
        const count = Number(readFileSync(${JSON.stringify(counter)}, 'utf8'));
        await new Promise((resolve) => setImmediate(resolve));
        writeFileSync(${JSON.stringify(counter)}, String(count + 1));
        held.release();
      }`;
    const children = Array.from({ length: 4 }, () => spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'inherit' }));
    expect(await Promise.all(children.map(async (child) => (await once(child, 'exit'))[0]))).to.deep.equal([0, 0, 0, 0]);
    expect([readFileSync(counter, 'utf8'), readdirSync(folder)]).to.deep.equal(['100', ['counter']]);
  });

  it('is broken when its owner is gone, by one alone', async () => {
    const child = spawn(process.execPath, ['-e', '']);
    await once(child, 'exit');
    const [, place, start] = ownProcess().split(' ');
    writeFileSync(file, `${child.pid} ${place} ${start} left`);
    let inside = 0;
    let most = 0;
    const enter = async () => {
      const held = await lock(file);
      inside += 1;
      most = Math.max(most, inside);
      await new Promise((resolve) => setImmediate(resolve));
      inside -= 1;
      held.release();
    };
    await Promise.all(Array.from({ length: 20 }, enter));
    expect([most, existsSync(file)]).to.deep.equal([1, false]);
  });

  it('whose owner cannot be looked for is broken when nothing has happened to it for a minute, whatever the time', async () => {
    writeFileSync(file, '1 elsewhere left');
    const busy = async (now: number) => (await lock(file, 0, () => now).catch((error) => error)) instanceof Busy;
    expect([await busy(0), await busy(60_000)]).to.deep.equal([true, true]);
    // Not by the clocks of either.
    utimesSync(file, 0, 0);
    expect([await busy(60_002), await busy(120_000)]).to.deep.equal([true, true]);
    writeFileSync(file, '1 elsewhere again');
    expect([await busy(130_000), await busy(190_000)]).to.deep.equal([true, true]);
    const held = await lock(file, 0, () => 190_001).catch(() => lock(file, 1, () => 190_001));
    expect(held.isHeld()).to.equal(true);
    writeFileSync(file, '1 elsewhere taken');
    held.release();
    expect([held.isHeld(), existsSync(file)]).to.deep.equal([false, true]);
  });

  it('is broken when its number is that of another process by now, or its own of before a restart', async () => {
    const [, place = '', start = ''] = ownProcess().split(' ');
    const others = [`${process.ppid} ${place} 1 left`, `${process.pid} ${place} 1 left`, `${process.pid} ${place} ${start} left`];
    for (const left of others) {
      writeFileSync(file, left);
      (await lock(file, 1000)).release();
    }
    // The same number in another container is another process, which may well live.
    writeFileSync(file, `${process.pid} ${place}1 ${start} left`);
    expect(await lock(file, 0).catch((error) => error)).to.be.instanceOf(Busy);
    const held = await lock(`${file}2`);
    expect(await lock(`${file}2`, 0).catch((error) => error)).to.be.instanceOf(Busy);
    held.release();
    expect(readdirSync(folder)).to.deep.equal(['lock']);
  });

  it('outlives writers that are killed at any moment, and so does the file', async function () {
    this.timeout(60_000);
    writeFileSync(join(folder, 'postern.yaml'), '0');
    const script = `
      import { configFile } from ${JSON.stringify(join(import.meta.dirname, '../../../core/revisions/file.ts'))};
      const file = configFile(${JSON.stringify(join(folder, 'postern.yaml'))});
      for (;;) {
        const held = await file.lock();
        const { text, revision } = file.read();
        file.replace(String(Number(text) + 1), revision, held);
        process.stdout.write('.');
        held.release();
      }`;
    let done = 0;
    const killed = async (writes: number) => {
      const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
      let own = 0;
      child.stdout.on('data', (dots: Buffer) => {
        own += dots.length;
        if (own >= writes) child.kill('SIGKILL');
      });
      await once(child, 'close');
      done += own;
    };
    await Promise.all([killed(5), killed(20), killed(30), killed(40)]);
    const source = configFile(join(folder, 'postern.yaml'));
    const held = await source.lock();
    source.replace(source.read().text, source.read().revision, held);
    held.release();
    // One that was killed may not have told of its last.
    expect(Number(source.read().text)).to.be.within(done, done + 4);
    expect(readdirSync(folder)).to.deep.equal(['postern.yaml']);
  });
});
