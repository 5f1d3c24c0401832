import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { run } from './a-terminal.ts';

const OLD = `services:
  orders: { endpoints: ["http://127.0.0.1:4001"] }
routes:
  - name: orders
    match: { pathPrefix: /orders }
    service: orders
    expose: { private: { callers: [checkout] } }
private:
  callers:
    checkout: { from: [10.1.0.0/16] }
    reporting: { from: [10.2.0.0/16] }
`;

const NEW = `services:
  orders: { endpoints: ["http://127.0.0.1:4001"] }
routes:
  - name: status
    match: { path: /orders/status, methods: [GET] }
    service: orders
    expose: { public: { access: anonymous } }
  - name: orders
    match: { pathPrefix: /orders }
    service: orders
    expose: { private: { callers: [checkout, reporting] } }
private:
  callers:
    checkout: { from: [10.1.0.0/16] }
    reporting: { from: [10.2.0.0/16] }
`;

describe('check --diff', () => {
  const directory = mkdtempSync(join(tmpdir(), 'postern-diff-'));
  after(() => rmSync(directory, { recursive: true }));
  const file = (name: string, text: string): string => {
    const path = join(directory, name);
    writeFileSync(path, text);
    return path;
  };
  const before = file('old.yaml', OLD);
  const changed = file('new.yaml', NEW);

  it('names what opens, the dangerous first, by the place in the new file', async () => {
    const { code, out, err } = await run(['check', '--diff', before, changed]);
    expect({ code, err }).to.deep.equal({ code: 0, err: '' });
    expect(out).to.equal(
      `${changed}:4:5 newly anonymous, newly public: status, GET,HEAD /orders/status, for anybody: no route took it before\n` +
        `${changed}:8:5 newly callable: orders, any method /orders/*, for reporting: before only: checkout\n` +
        '3 changes open, nothing closes\n',
    );
  });

  it('tells what closes by its place in the old file', async () => {
    const { code, out } = await run(['check', '--diff', changed, before, '--fail-on-wider']);
    expect(code).to.equal(0);
    expect(out).to.contain(`${changed}:4:5 no longer anonymous, no longer public: status, GET,HEAD /orders/status, for anybody`);
    expect(out).to.match(/nothing opens, 3 changes close\n$/);
  });

  it('says that nothing changed', async () => {
    expect(await run(['check', '--diff', before, before, '--fail-on-wider'])).to.deep.equal({
      code: 0,
      out: 'ok: nothing opens, nothing closes\n',
      err: '',
    });
  });

  it('fails where something opens, for those who ask for it', async () => {
    expect((await run(['check', '--diff', before, changed, '--fail-on-wider'])).code).to.equal(1);
    expect((await run(['check', '--diff', before, '-c', changed, '--fail-on-wider'])).code).to.equal(1);
  });

  it('says it in JSON', async () => {
    const { code, out } = await run(['check', '--diff', before, changed, '--format', 'json']);
    const said = JSON.parse(out);
    expect(code).to.equal(0);
    expect([said.ok, said.wider, said.before.file, said.after.file]).to.deep.equal([true, true, before, changed]);
    expect(said.changes[0]).to.deep.equal({
      kind: 'newly-anonymous',
      wider: true,
      gateway: 'public',
      route: 'status',
      hosts: ['*'],
      methods: ['GET', 'HEAD'],
      path: '/orders/status',
      who: 'anybody',
      says: 'no route took it before',
      place: 'routes[0]',
      file: changed,
      line: 4,
      column: 5,
    });
  });

  it('knows the routes that are made of a contract, by their place in it', async () => {
    const contract = (...paths: string[]) =>
      JSON.stringify({
        openapi: '3.1.0',
        info: { title: 'orders', version: '1' },
        paths: Object.fromEntries(
          paths.map((path) => [
            path,
            { get: { 'x-postern': { expose: { public: { access: 'anonymous' } } }, responses: { 200: { description: 'ok' } } } },
          ]),
        ),
      });
    const made = (name: string, ...paths: string[]) => {
      const own = file(`${name}.openapi.json`, contract(...paths));
      return file(
        `${name}.yaml`,
        `services:\n  orders: { endpoints: ["http://127.0.0.1:4001"], openapi: ${own}, routesFrom: openapi }\nroutes: []\n`,
      );
    };
    const { out } = await run(['check', '--diff', made('few', '/a'), made('more', '/a', '/b')]);
    expect(out).to.match(
      /^.*more\.openapi\.json:1:\d+ newly anonymous, newly public: orders.GET-b, GET,HEAD \/b, for anybody: no route took it before\n2 changes open/,
    );
  });

  it('exits 1 where one of them is wrong, with what is wrong in both', async () => {
    const broken = [file('a.yaml', `${OLD}x: 1\n`), file('b.yaml', `${NEW}y: 1\n`)];
    const { code, out } = await run(['check', '--diff', ...broken]);
    expect(code).to.equal(1);
    expect(out).to.match(/a\.yaml:12:1 x unknown key/);
    expect(out).to.match(/b\.yaml:16:1 y unknown key/);
    expect(out).to.match(/^2 errors, 1 warning\n$/m);
  });

  it('exits 2 where it is used wrongly', async () => {
    for (const argv of [['--diff'], ['--diff', 'a', 'b', 'c'], ['--diff', 'a', 'b', '-c', 'c'], ['--fail-on-wider']])
      expect((await run(['check', ...argv])).code, argv.join(' ')).to.equal(2);
  });
});
