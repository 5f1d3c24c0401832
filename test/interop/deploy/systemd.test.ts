/** The unit files, as systemd reads them. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { openBench } from '../support/bench.ts';
import { run } from '../support/program.ts';

const root = join(import.meta.dirname, '../../..');

describe('with systemd', () => {
  const bench = openBench();
  after(() => bench.clear());

  for (const name of ['postern-public.service', 'postern-private.service']) {
    it(`${name} is well-formed, and lets its gateway do little else than serve`, async () => {
      // What it starts must be there for systemd to take it.
      const unit = (await readFile(join(root, 'deploy/systemd', name), 'utf8')).replaceAll('/opt/postern', root);
      const file = await bench.file(name, unit);
      expect(await run('systemd-analyze', ['verify', '--man=no', file])).to.deep.equal({ code: 0, output: '' });
      // 10 is a service that may do everything; systemd calls what is below 2 "OK" and 5 and more "EXPOSED".
      const { code, output } = await run('systemd-analyze', ['security', '--offline=yes', '--no-pager', '--threshold=25', file]);
      expect(code, output).to.equal(0);
    });
  }
});
