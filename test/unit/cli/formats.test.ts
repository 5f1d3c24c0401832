import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { wantsColour } from '../../../core/config/colour.ts';
import { version } from '../../../core/version.ts';
import { run } from './a-terminal.ts';

const reference = join(import.meta.dirname, '../../config/reference.yaml');
const ESCAPE = String.fromCharCode(27);

describe('what commands print', () => {
  const directory = mkdtempSync(join(tmpdir(), 'postern-cli-'));
  after(() => rmSync(directory, { recursive: true }));
  const broken = join(directory, 'broken.yaml');
  writeFileSync(broken, 'services: {}\nroutes: []\nprvate: {}\n');

  const json = async (...argv: string[]) => {
    const { code, out, err } = await run(argv);
    expect(err).to.equal('');
    return { code, said: JSON.parse(out) };
  };

  it('is JSON when that is asked for: check', async () => {
    const good = await json('check', '-c', reference, '--format', 'json');
    expect(good.code).to.equal(0);
    expect(good.said).to.deep.include({ ok: true, file: reference, services: 4, callers: 3, errors: 0, warnings: 1 });
    expect(good.said.routes).to.deep.equal({ all: 7, public: 6, private: 3 });
    expect(good.said.findings[0]).to.have.keys(['severity', 'file', 'line', 'column', 'path', 'message']);
    expect(await json('check', '-c', broken, '--format=json')).to.deep.equal({
      code: 1,
      said: {
        ok: false,
        file: broken,
        errors: 1,
        warnings: 0,
        findings: [
          {
            severity: 'error',
            file: broken,
            line: 3,
            column: 1,
            path: 'prvate',
            message: 'unknown key',
            hint: 'did you mean private?',
          },
        ],
      },
    });
  });

  it('is JSON when that is asked for: routes, version', async () => {
    const { said } = await json('routes', '-c', reference, '-f', 'json');
    expect(said.routes.find(({ name }: { name: string }) => name === 'stock')).to.deep.equal({
      name: 'stock',
      methods: null,
      host: null,
      path: '/stock/*',
      when: [],
      service: 'search',
      public: null,
      private: { callers: ['checkout', 'orders'] },
    });
    expect((await json('version', '--format', 'json')).said).to.deep.equal({
      ok: true,
      version,
      gateway: 'public-gateway',
      node: process.version,
    });
  });

  it('is JSON for errors too, with the same exit codes', async () => {
    const unreadable = await json('check', '-c', '/nowhere/postern.yaml', '--format', 'json');
    expect([unreadable.code, unreadable.said.ok, unreadable.said.findings[0].line]).to.deep.equal([1, false, 0]);
    const routes = await json('routes', '-c', broken, '--format', 'json');
    expect([routes.code, routes.said.ok, routes.said.findings.length]).to.deep.equal([1, false, 1]);
    const wrong = await json('routes', '--format', 'json', '--nonsense');
    expect([wrong.code, wrong.said.ok]).to.deep.equal([2, false]);
    expect(wrong.said.error).to.contain('--nonsense');
    for (const command of [['check'], ['explain', 'GET', '/']]) expect((await run([...command, '--format', 'xml'])).code).to.equal(2);
    const explained = await json('explain', 'GET', '/', '-c', broken, '-f', 'json');
    expect([explained.code, explained.said.ok, explained.said.findings.length]).to.deep.equal([1, false, 1]);
  });

  it('has colours only for those who see them', async () => {
    const plain = await run(['check', '-c', broken]);
    const coloured = await run(['check', '-c', broken], 'public', true);
    expect(plain.out).not.to.contain(ESCAPE);
    expect(coloured.out).to.contain(`${ESCAPE}[31m${broken}:3:1${ESCAPE}[39m prvate unknown key`);
    const table = await run(['routes', '-c', reference], 'public', true);
    expect(table.out.replaceAll(new RegExp(`${ESCAPE}\\[\\d+m`, 'g'), '')).to.equal((await run(['routes', '-c', reference])).out);
    const explain = ['explain', 'GET', '/catalogue', '-H', 'Host: shop.example.com', '-c', reference];
    for (const argv of [explain, explain.slice(0, 3)]) {
      const [seen, read] = [(await run(argv, 'public', true)).out, (await run(argv)).out];
      expect(seen.replaceAll(new RegExp(`${ESCAPE}\\[\\d+m`, 'g'), '')).to.equal(read);
    }
    expect((await run(explain, 'public', true)).out).to.match(new RegExp(`^${ESCAPE}\\[32m=> forward`, 'm'));
    expect((await run(['explain', 'GET', '/', '-c', reference], 'public', true)).out).to.match(
      new RegExp(`^${ESCAPE}\\[31m=> matchRoute`, 'm'),
    );
    expect((await run([...explain, '-f', 'json'], 'public', true)).out).not.to.contain(ESCAPE);
    expect((await run(['check', '-c', broken, '--format', 'json'], 'public', true)).out).not.to.contain(ESCAPE);
  });

  const cases: [boolean, boolean, Record<string, string>][] = [
    [true, true, {}],
    [false, false, {}],
    [false, true, { NO_COLOR: '1' }],
    [true, true, { NO_COLOR: '' }],
    [false, true, { TERM: 'dumb' }],
    [true, false, { FORCE_COLOR: '1' }],
    [true, false, { FORCE_COLOR: '1', NO_COLOR: '1', TERM: 'dumb' }],
    [false, true, { FORCE_COLOR: '0' }],
    [true, true, { FORCE_COLOR: '' }],
  ];
  for (const [wanted, terminal, environment] of cases)
    it(`has ${wanted ? '' : 'no '}colours ${terminal ? 'on a terminal' : 'in a pipe'} with ${JSON.stringify(environment)}`, () =>
      expect(wantsColour(terminal, environment)).to.equal(wanted));
});
