import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { keptToken, tokenOf } from '../../../core/admin/token.ts';
import type { Logger } from '../../../core/telemetry/logger.ts';

describe('the token that is made', () => {
  let folder: string;
  let logged: Record<string, unknown>[];
  let logger: Pick<Logger, 'info' | 'warn'>;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'postern-'));
    logged = [];
    const log = (record: Record<string, unknown>) => logged.push(record);
    logger = { info: log, warn: log } as unknown as typeof logger;
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('is the same for both gateways and after a restart, for its owner alone, and in no log', () => {
    const own = join(folder, 'new', 'folder');
    const token = keptToken(own, logger);
    expect(token).to.match(/^[\w-]{43}$/);
    expect(keptToken(own, logger)).to.equal(token);
    expect(statSync(join(own, 'admin-token')).mode & 0o777).to.equal(0o600);
    expect(readFileSync(join(own, 'admin-token'), 'utf8')).to.equal(`${token}\n`);
    expect(logged.map(({ event }) => event)).to.deep.equal(['admin-token-made']);
    expect(JSON.stringify(logged)).not.to.include(token);
  });

  it('is none where it cannot be kept, and that is told', () => {
    writeFileSync(join(folder, 'file'), '');
    expect(keptToken(join(folder, 'file'), logger)).to.equal(undefined);
    expect(keptToken(undefined, logger)).to.equal(undefined);
    expect(logged.map(({ event }) => event)).to.deep.equal(['admin-token-unwritten']);
  });

  it('is told of when others may read it', () => {
    const token = keptToken(folder, logger);
    chmodSync(join(folder, 'admin-token'), 0o644);
    expect(keptToken(folder, logger)).to.equal(token);
    expect(logged.at(-1)?.['event']).to.equal('admin-token-exposed');
  });

  it('is another as soon as the file is, and made anew where that is removed', () => {
    const file = join(folder, 'admin-token');
    const [one, other] = [tokenOf(() => undefined, folder, logger), tokenOf(() => undefined, folder, logger)];
    const first = one();
    expect([one(), other()]).to.deep.equal([first, first]);
    rmSync(file);
    const second = other();
    expect([second === first, one(), other()]).to.deep.equal([false, second, second]);
    rmSync(file);
    writeFileSync(file, 'mine\n', { mode: 0o600 });
    expect([one(), other()]).to.deep.equal(['mine', 'mine']);
    rmSync(file);
    writeFileSync(file, ' \n', { mode: 0o600 });
    expect([one(), one(), other()]).to.deep.equal([undefined, undefined, undefined]);
    expect(logged.map(({ event }) => event)).to.deep.equal([
      'admin-token-made',
      'admin-token-made',
      'admin-token-unwritten',
      'admin-token-unwritten',
    ]);
  });
});
