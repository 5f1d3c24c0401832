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
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { configFile, Overtaken, revisionOf } from '../../../core/revisions/file.ts';
import { Busy, lock } from '../../../core/revisions/lock.ts';

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
    writeFileSync(file, `${child.pid} ${hostname()} left`);
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

  it('of another machine is broken when it is a minute old, and waited for until then', async () => {
    writeFileSync(file, '1 elsewhere left');
    expect(await lock(file, 0).catch((error) => error)).to.be.instanceOf(Busy);
    const old = Date.now() / 1000 - 61;
    utimesSync(file, old, old);
    const held = await lock(file);
    expect(held.isHeld()).to.equal(true);
    writeFileSync(file, '1 elsewhere taken');
    held.release();
    expect([held.isHeld(), existsSync(file)]).to.deep.equal([false, true]);
  });
});
