import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect } from 'chai';
import { version } from '../../../core/version.ts';
import manifest from '../../../package.json' with { type: 'json' };

const root = resolve(import.meta.dirname, '../../..');

describe('the commands of the package', () => {
  const directory = mkdtempSync(join(tmpdir(), 'postern-bin-'));
  after(() => rmSync(directory, { recursive: true }));

  for (const [command, section] of [
    ['postern-public', 'public'],
    ['postern-private', 'private'],
  ] as const) {
    it(`find Node and the ${section} gateway by a link, from anywhere`, function () {
      this.timeout(30_000);
      const link = join(directory, command);
      symlinkSync(join(root, manifest.bin[command]), link);
      const out = execFileSync(link, ['version'], { cwd: directory, encoding: 'utf8' });
      expect(out).to.match(new RegExp(`^postern ${version} ${section}-gateway \\(Node v2[6-9]\\.`));
    });
  }

  it('fail where what they print cannot be written', function () {
    this.timeout(60_000);
    if (!existsSync('/dev/full')) this.skip();
    const argv = ['-c', '"$0" public-gateway/main.ts version > /dev/full', process.execPath];
    expect(spawnSync('sh', argv, { cwd: root }).status).to.equal(1);
  });
});
