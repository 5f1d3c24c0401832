import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { createLog, type ExportLine, noExport } from '../../../core/telemetry/logger.ts';

describe('createLog', () => {
  let folder: string;
  let fd: number;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'postern-log-'));
    fd = openSync(join(folder, 'log'), 'a');
  });
  afterEach(() => {
    closeSync(fd);
    rmSync(folder, { recursive: true });
  });
  const lines = () =>
    readFileSync(join(folder, 'log'), 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));

  it('writes one JSON object a line, with its level as a word and its gateway', async () => {
    const log = createLog('public-gateway', noExport, fd);
    log.logger.info({ event: 'one' });
    log.logger.warn({ event: 'two', text: 'a\nb' });
    await log.close();
    expect(lines().map(({ time: _time, ...line }) => line)).to.deep.equal([
      { level: 'info', gateway: 'public-gateway', event: 'one' },
      { level: 'warn', gateway: 'public-gateway', event: 'two', text: 'a\nb' },
    ]);
    for (const { time } of lines()) expect(new Date(time).toISOString()).to.equal(time);
  });

  it('loses nothing that was logged before it was closed', async () => {
    const log = createLog('public-gateway', noExport, fd);
    for (let number = 0; number < 2_000; number += 1) log.logger.info({ number });
    await log.close();
    expect(lines().map(({ number }) => number)).to.deep.equal(Array.from({ length: 2_000 }, (_, number) => number));
  });

  it('exports the same lines, with severities of OpenTelemetry', async () => {
    const exported: Parameters<ExportLine>[] = [];
    const log = createLog('private-gateway', (...line) => exported.push(line), fd);
    log.logger.info({ event: 'one' });
    log.logger.error({ event: 'two', err: new Error('it broke') });
    await log.close();
    expect(exported.map(([, number, text]) => [number, text])).to.deep.equal([
      [9, 'INFO'],
      [17, 'ERROR'],
    ]);
    expect(exported.map(([line]) => JSON.parse(line))).to.deep.equal(lines());
    expect(lines()[1].err).to.include({ message: 'it broke' });
  });

  it('writes the line of a request as it writes every other', async () => {
    const exported: string[] = [];
    const log = createLog('a "gateway"', (line) => exported.push(line), fd);
    const line = { event: 'request', path: '/"\\\u2028\ud800é', status: 200, durationMs: 0.25, route: undefined };
    log.logger.info(line);
    log.request(line, true);
    log.request(line, false);
    await log.close();
    const written = readFileSync(join(folder, 'log'), 'utf8')
      .replaceAll(/"time":"[^"]*"/g, '"time":""')
      .split('\n');
    expect(written).to.deep.equal([written[0], written[0], written[0], '']);
    expect(exported).to.have.length(2);
  });

  it('loses and mixes nothing where a write failed, and the process ends', () => {
    const program = `
      import fs from 'node:fs';
      // A disk that is full, until the process ends.
      fs.write = (...given) => setImmediate(given.at(-1), Object.assign(new Error('no space'), { code: 'ENOSPC' }));
      const { createLog, noExport } = await import(${JSON.stringify(new URL('../../../core/telemetry/logger.ts', import.meta.url))});
      const log = createLog('public-gateway', noExport, 3);
      for (let number = 0; number < 2_000; number += 1) log.request({ number, text: 'x'.repeat(number % 300) }, false);
      setImmediate(() => setImmediate(() => process.exit()));
    `;
    execFileSync(process.execPath, ['--input-type=module', '--eval', program], { stdio: ['ignore', 'inherit', 'inherit', fd] });
    expect(lines().map(({ number }) => number)).to.deep.equal(Array.from({ length: 2_000 }, (_, number) => number));
  });
});
