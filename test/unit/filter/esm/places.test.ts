import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import type { LoadedConfig } from '../../../../core/config/load.ts';
import { findingsOf } from '../../../../core/filter/check.ts';
import { Edits } from '../../../../core/filter/esm/edits.ts';
import { placed } from '../../../../core/filter/esm/places.ts';
import { FilterModules, type LoadResult } from '../../../../core/filter/modules.ts';
import { Versions } from '../../../../core/filter/versions.ts';

describe('places in the modules of users', () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'postern-places-')));
  const versions = new Versions();
  after(() => {
    versions.close();
    rmSync(folder, { recursive: true });
  });
  const write = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };

  /** The places in the folder that a stack names. */
  const places = (run: () => unknown): string[] => {
    try {
      run();
    } catch (error) {
      const lines = (placed(error) as Error).stack?.split('\n') ?? [];
      return lines.filter((line) => line.includes(folder)).map((line) => line.replace('?postern', ''));
    }
    throw new Error('it did not fail');
  };

  write(
    'x.ts',
    "import { join } from 'node:path';\nexport function f(a: any): any {\n  return a.b.c;\n}\nexport class K { constructor(a: any) { f(a); } }",
  );
  const main = write(
    'main.ts',
    [
      "import { f, K } from './x.ts'; import path, { join } from 'node:path'; export const first = () => f(1);",
      "/* é 😀 */ export default function (x: number) { join('a', 'b'); f({ b: {} }); return join(f({ b: {} }), x as any); }",
      'export const two = () => { join(`a`, join(`b`)); throw new Error(join(`x`)); }, three = () => join(path.join(`b`), join(5 as any));',
      'export const four = () => f  <any>  (1), five = () => [join(`a`), new K(1)], six = () => { f`a`;',
      '  f',
      '  /* ( */ (1); }; export const seven = () => { const o = { f, join }; import.meta.url; return o.f(); };',
      'export const eight = (none: any) => { join(`a`); none.x; join(`b`); }',
    ].join('\n'),
  );
  for (const name of ['first', 'default', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight'])
    it(`are in stacks what they are in the text: ${name}`, async () => {
      const ours = ((await versions.load(main)) as Record<string, () => unknown>)[name];
      const nodes = ((await import(pathToFileURL(main).href)) as Record<string, () => unknown>)[name];
      expect(places(() => ours?.())).to.deep.equal(places(() => nodes?.()));
    });

  it('are right in causes, twice no more than once, and nothing for what cannot be looked at', async () => {
    const file = write(
      'causes.ts',
      "import { f } from './x.ts';\nexport const a = () => { try { f(1); } catch (cause) { f(f); throw cause; } };\nexport default () => { f({ b: {} }); try { f(); } catch (cause) { throw new Error('a', { cause }); } };",
    );
    const failure = (exported: unknown): Error => {
      try {
        (exported as { default(): void }).default();
      } catch (error) {
        return placed(placed(error)) as Error;
      }
      throw new Error('it did not fail');
    };
    const [ours, nodes] = [failure(await versions.load(file)), failure(await import(pathToFileURL(file).href))];
    for (const [our, theirs] of [
      [ours, nodes],
      [ours.cause, nodes.cause],
    ] as [Error, Error][])
      expect(
        places(() => {
          throw our;
        }),
      ).to.deep.equal(
        places(() => {
          throw theirs;
        }),
      );
    expect([placed('a text'), placed(undefined)]).to.deep.equal(['a text', undefined]);
  });

  const told = async (text: string): Promise<string> => {
    const modules = new FilterModules(folder);
    const name = './told.ts';
    write('told.ts', text);
    let results: LoadResult = new Map();
    await modules.load([name], (given) => {
      results = given;
      return [1];
    });
    modules.close();
    const config = { filters: { off: [] }, public: { filters: [name] }, private: {}, routes: [] };
    return findingsOf({ config, locate: (remark: unknown) => remark } as unknown as LoadedConfig, results)
      .map(({ message }) => message)
      .join();
  };
  for (const [text, place] of Object.entries({
    'export default {};\n\nexport const a: = 1;': 'told.ts:3:17',
    'export default {};\n  enum A { B }': 'told.ts:2:3',
    "export default {};\nimport { f,\n  none } from './x.ts';": 'told.ts:3:3',
    "import { f } from './x.ts';\nexport default f({ b: {} }), f(1);": 'told.ts:2:28',
    "import { f } from './x.ts';\nf({ b: {} }); f({ b: {} }); throw new Error('at once'); export {};": 'told.ts:2:35',
    "import { f } from './x.ts';\nf({ b: {} }); f(null); export {};": 'x.ts:3:12',
    "await null; import { f } from './x.ts';\nf({ b: {} });  JSON.parse('{'); export {};": 'told.ts:2:21',
  }))
    it(`are told of what does not load: ${JSON.stringify(text)}`, async () =>
      expect(await told(text)).to.match(new RegExp(`\\(${place}\\)$`)));
  it('are of the file, whatever name its text gives itself', async () =>
    expect(await told("const a = '//# sourceURL=b.ts';\nthrow new Error(a); export {};\n//# sourceURL=other.ts")).to.match(
      /\/\/# sourceURL=b\.ts \(told\.ts:2:7\)$/,
    ));
  it('are told of JavaScript that is none', async () => {
    const modules = new FilterModules(folder);
    write('told.js', 'export default {};\r\nexport const a = 1 +;');
    const results = await modules.load(['./told.js'], (given) => [...given.values()]);
    modules.close();
    expect((results[0] as Error).stack).to.match(/told\.js\?postern:2:21\nexport const a = 1 \+;\n {20}\^\n/);
  });

  it('stay where they are when a text is changed, and are found again', () => {
    const text = readFileSync(main, 'utf8');
    const edits = new Edits(text);
    edits.insert(text.indexOf('function'), '12345');
    edits.blank(0, text.indexOf('path'));
    const { text: changed, shifts } = edits.done();
    expect(changed.split('\n').length).to.equal(text.split('\n').length);
    expect([...shifts]).to.deep.equal([[2, [[26, 31, 26, 26, 0]]]]);
  });
});
