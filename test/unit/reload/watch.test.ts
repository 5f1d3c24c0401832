import { mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { watchFiles } from '../../../core/reload/watch.ts';
import type { Logger } from '../../../core/telemetry/logger.ts';

describe('files that are watched', () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'postern-watch-')));
  after(() => rmSync(folder, { recursive: true }));

  it('are seen to change, and their folder to be out of reach, which ends nothing', async () => {
    const file = join(folder, 'loop/a.ts');
    let told = Promise.withResolvers<void>();
    const logger = { warn: () => {} } as unknown as Logger;
    const watching = watchFiles(
      () => [file],
      async () => told.resolve(),
      logger,
    );
    // A link to itself can be followed nowhere: to look at it fails otherwise than where there is nothing.
    symlinkSync('loop', join(folder, 'loop'));
    await told.promise;
    expect(() => watching.follow()).not.to.throw();
    told = Promise.withResolvers();
    unlinkSync(join(folder, 'loop'));
    await told.promise;
    watching.close();
  });

  it('are seen to change where a link that another link leads to comes to lead elsewhere', async () => {
    for (const name of ['alternatives', 'releases']) mkdirSync(join(folder, name));
    for (const name of ['one', 'two']) writeFileSync(join(folder, 'releases', name), name);
    const [file, middle] = [join(folder, 'postern.yaml'), join(folder, 'alternatives/postern')];
    symlinkSync('../releases/one', middle);
    symlinkSync('alternatives/postern', file);
    const told = Promise.withResolvers<void>();
    const watching = watchFiles(
      () => [file],
      async () => told.resolve(),
      { warn: () => {} } as unknown as Logger,
    );
    symlinkSync('../releases/two', `${middle}.new`);
    renameSync(`${middle}.new`, middle);
    await told.promise;
    watching.close();
  });
});
