import { execFile } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';

describe('versions of a module that were replaced', () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'postern-collected-')));
  after(() => rmSync(folder, { recursive: true }));

  it('are collected, with what they imported, waited for and failed with, and those in use are not', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', join(import.meta.dirname, 'collect.ts'), folder]);
    const { versions, left, inUse, perVersion } = JSON.parse(stdout);
    // What the stack or an optimisation still points to may be there once more.
    expect({ versions, inUse }).to.deep.equal({ versions: 120, inUse: true });
    expect(left).to.be.below(5);
    // As ES modules they would be 24 KiB each with what they import.
    expect(perVersion).to.be.below(5000);
  }).timeout(60_000);
});
