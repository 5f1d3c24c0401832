import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { version } from '../../../core/version.ts';
import { run } from './a-terminal.ts';

const reference = join(import.meta.dirname, '../../config/reference.yaml');

describe('the command line', () => {
  const directory = mkdtempSync(join(tmpdir(), 'postern-cli-'));
  after(() => rmSync(directory, { recursive: true }));

  const file = (name: string, text: string): string => {
    const path = join(directory, name);
    writeFileSync(path, text);
    return path;
  };
  const broken = file('broken.yaml', 'services: {}\nroutes: []\nprvate: {}\n');

  it('says what is in a good configuration', async () => {
    const { code, out, err } = await run(['check', '-c', reference]);
    expect(code).to.equal(0);
    expect(out).to.match(/^ok: 4 services, 7 routes \(6 public, 3 private\), 3 callers, 1 warning, revision [0-9a-f]{12}$/m);
    expect(err).to.equal('');
  });

  it('says everything that is wrong, and exits 1', async () => {
    const { code, out } = await run(['check', '--config', broken]);
    expect(code).to.equal(1);
    expect(out).to.equal(`${broken}:3:1 prvate unknown key (did you mean private?)\n1 error\n`);
  });

  it('says in one line that a file cannot be read, on standard error', async () => {
    for (const command of ['check', 'routes', 'start']) {
      expect(await run([command, '-c', '/nowhere/postern.yaml']), command).to.deep.equal({
        code: 1,
        out: '',
        err: '/nowhere/postern.yaml: cannot be read: there is no such file\n',
      });
    }
  });

  it('starts nothing from a broken configuration', async () => {
    const { code, out, err } = await run(['start', '-c', broken]);
    expect(code).to.equal(1);
    expect(out).to.equal('');
    expect(err).to.contain('prvate unknown key');
  });

  it('exits 2 where it is used wrongly', async () => {
    for (const argv of [
      [],
      ['chek'],
      ['check', '-x'],
      ['check', '-c'],
      ['check', 'surplus'],
      ['explain', 'GET'],
      ['explain', 'GET', 'orders'],
      ['explain', 'G T', '/'],
      ['explain', 'GET', '/', '-H', 'nonsense'],
      ['explain', 'GET', '/', '-H', 'host: a b'],
      ['explain', 'GET', '/', '--from', 'here'],
      ['explain', 'GET', '/', '--as', 'nowhere.json'],
      ['explain', 'GET', '/', '--as', broken],
      ['explain', 'GET', '/', '--certificate', 'a'],
      ['explain', 'GET', '/', '--format', 'xml'],
    ]) {
      const { code, err } = await run(argv);
      expect(code, argv.join(' ')).to.equal(2);
      expect(err, argv.join(' ')).not.to.equal('');
    }
  });

  it('shows help on standard output', async () => {
    const { code, out, err } = await run(['--help']);
    expect({ code, err }).to.deep.equal({ code: 0, err: '' });
    for (const command of ['start', 'check', 'routes', 'explain', 'schema', 'version']) expect(out).to.contain(`  ${command} `);
  });

  it('lists the routes in order of precedence, with their exposure', async () => {
    const { code, out } = await run(['routes', '-c', reference]);
    const lines = out
      .trimEnd()
      .split('\n')
      .map((line) => line.split(/ {2,}/));
    expect(code).to.equal(0);
    expect(lines[0]).to.deep.equal(['ROUTE', 'METHODS', 'HOST', 'PATH', 'WHEN', 'SERVICE', 'PUBLIC', 'PRIVATE']);
    expect(lines.slice(1).map(([name]) => name)).to.deep.equal([
      'catalogue',
      'catalogue',
      'place-order',
      'profile',
      'chat',
      'dashboard',
      'orders',
      'stock',
    ]);
    expect(lines.find(([name]) => name === 'stock')?.slice(-2)).to.deep.equal(['-', 'checkout,orders']);
    expect(lines.find(([name]) => name === 'dashboard')?.slice(-2)).to.deep.equal(['plan pro|team', '-']);
  });

  it('prints the schema and the reference', async () => {
    const schema = await run(['schema']);
    expect(JSON.parse(schema.out)).to.include({ $schema: 'http://json-schema.org/draft-07/schema#' });
    const markdown = await run(['schema', '--markdown']);
    expect(markdown.out).to.contain('| Key | Type | Default | Meaning |');
  });

  it('prints its version', async () => {
    expect((await run(['version'], 'private')).out).to.equal(`postern ${version} private-gateway (Node ${process.version})\n`);
  });
});
