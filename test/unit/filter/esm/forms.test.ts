import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import { Versions } from '../../../../core/filter/versions.ts';

/** Files by their names; main.ts, or main.js, exports `probe`, a value, or a function that gives one. */
type Files = Readonly<Record<string, string>>;

const forms: Readonly<Record<string, Files>> = {
  'names, others for them, and texts as names': {
    'main.ts': `import { a, b as c, 'd e' as f } from './x.ts'; export const probe = [a, c, f];`,
    'x.ts': `export const a = 1, b = 2; const d = 3; export { d as 'd e' };`,
  },
  'a namespace: sorted, sealed, without a prototype': {
    'main.ts': `import * as x from './x.ts';
      const tried = (run: () => unknown) => { try { return run(); } catch (error) { return (error as Error).name; } };
      export const probe = [Object.keys(x), Object.getPrototypeOf(x), Object.isExtensible(x), String(x), 'a' in x, 'z' in x,
        tried(() => { (x as any).a = 5; }), tried(() => { (x as any).z = 5; }), tried(() => delete (x as any).a)];`,
    'x.ts': 'export const b = 1; export const a = 2; export default 3; export const B = 4;',
  },
  'live bindings, of let, var, a function and destructuring': {
    'main.ts': `import { a, b, f, c, e, change } from './x.ts'; import * as x from './x.ts';
      const before = [a, b, f(), c, e]; change(); export const probe = [before, a, b, f(), c, e, x.a, x.c];`,
    'x.ts': `export let a = 1; export var b = 1; export function f() { return 1; } export let { c, d: [e] } = { c: 1, d: [1] };
      export const change = () => { a += 1; b++; f = (() => 2) as any; ({ c, d: [e] } = { c: 2, d: [2] }); };`,
  },
  'a default that is a value, which does not change with it': {
    'main.ts': `import d, { change, a } from './x.ts'; change(); export const probe = [d, a];`,
    'x.ts': 'let a = 1; export default a; export { a }; export const change = () => { a = 2; };',
  },
  'a default that is a binding, which does': {
    'main.ts': `import d, { change } from './x.ts'; change(); export const probe = d;`,
    'x.ts': 'let a = 1; export { a as default }; export const change = () => { a = 2; };',
  },
  'defaults that are functions and classes, with names and without': Object.fromEntries([
    [
      'main.ts',
      `${Array.from({ length: 14 }, (_, at) => `import d${at} from './d${at}.ts';`).join('')}
      export const probe = () => [${Array.from({ length: 14 }, (_, at) => `[d${at}.name, d${at} instanceof Function]`).join()}];`,
    ],
    ...[
      'export default function () {}',
      'export default function named() {}',
      'export default async function () {}',
      'export default async function* named() {}',
      'export default function /* a ( b */ * () {}',
      'export default class {}',
      'export default class Named {}',
      'export default class extends Array {}',
      'export default class { static name = "mine"; }',
      'export default () => {}',
      'export default (function () {})',
      'export default (class {});',
      'export default /* default */ async () => {} // ;',
      'const f = () => {}; export default f',
    ].map((text, at) => [`d${at}.ts`, text]),
  ]),
  'defaults that are expressions': {
    'main.ts': `import a from './a.ts'; import b from './b.ts'; import c from './c.ts'; import d from './d.ts'; export const probe = [a, b, c, d];`,
    'a.ts': 'export default (1, 2)',
    'b.ts': 'export default { a: 1 } satisfies object; export const other = 1;',
    'c.ts': 'export default[1]\n;[2].forEach(() => {})',
    'd.ts': 'const x = { y: 1 } as { y: number } | undefined; export default x?.y ?? `;`',
  },
  'defaults without a semicolon, before what could go on with them': {
    'main.js': `import a from './a.js'; import b from './b.js'; import c from './c.js'; import d from './d.js'; import e from './e.js';
      export const probe = [a.name, b.name, c.v, d.name, e.name];`,
    'a.js': 'export default class {}\n[1].forEach(() => {})',
    'b.js': 'export default class extends Array {}\n(1)',
    'c.js': 'export default class { static v = 1 }\n`x`',
    'd.js': 'export default class {}\n/x/g.test("x")',
    'e.js': 'export default () => {}\n`x`',
  },
  'functions before their module has run, in a circle': {
    'main.ts': `import { b } from './x.ts'; export function a(): number { return 1; } export default function () { return 2; } export const probe = b;`,
    'x.ts': `import two, { a } from './main.ts'; export const b = [a(), two(), two.name];`,
  },
  'what is not there yet in a circle': {
    'main.ts': `import { b } from './x.ts'; export const a = 1; export let c; export class D {} export default 5; export const probe = b;`,
    'x.ts': `import five, { a, c, D } from './main.ts'; import * as main from './main.ts';
      export const b = [() => a, () => c, () => D, () => five, () => main.a, () => typeof a].map((get) => { try { return get(); } catch (error) { return (error as Error).name; } });`,
  },
  'the order in which they run': {
    'main.ts': `import './a.ts'; import './b.ts'; import { log } from './log.ts'; log.push('main'); export const probe = log;`,
    'a.ts': `import { log } from './log.ts'; import './c.ts'; log.push('a');`,
    'b.ts': `import './c.ts'; import { log } from './log.ts'; import './a.ts'; import './d.ts'; log.push('b');`,
    'c.ts': `import { log } from './log.ts'; import './b.ts'; log.push('c');`,
    'd.ts': `log.push('d'); import { log } from './log.ts';`,
    'log.ts': 'export const log: string[] = [];',
  },
  'the order in which they run when they wait': {
    'main.ts': `import './a.ts'; import './b.ts'; import './c.ts'; import { log } from './log.ts'; log.push('main'); export const probe = log;`,
    'a.ts': `import { log } from './log.ts'; log.push('a'); await null; await null; await null; log.push('a later');`,
    'b.ts': `import { log } from './log.ts'; import './e.ts'; log.push('b'); await null; log.push('b later');`,
    'c.ts': `import { log } from './log.ts'; import './a.ts'; log.push('c');`,
    'e.ts': `import './b.ts'; import { log } from './log.ts'; log.push('e'); for await (const one of [1]) log.push('e later');`,
    'log.ts': 'export const log: string[] = [];',
  },
  'that one that waits begins at once': {
    'main.ts': `import './a.ts'; import './b.ts'; import { log } from './log.ts'; log.push('main'); export const probe = log;`,
    'a.ts': `log.push('a'); await null; log.push('a later'); import { log } from './log.ts';`,
    'b.ts': `import { log } from './log.ts'; log.push('b'); Promise.resolve().then(() => log.push('b soon'));`,
    'log.ts': 'export const log: string[] = [];',
  },
  'functions before their module has run, where it waits': {
    'main.ts': `import { b } from './x.ts'; export function a(): number { return 1; } await null; export const probe = b;`,
    'x.ts': `import { a } from './main.ts'; await null; export const b = [a()];`,
  },
  'export *, as, and of what is exported again': {
    'main.ts': `import * as m from './middle.ts'; import { x, renamed, n, viaImport, ns, d } from './middle.ts';
      export const probe = [Object.keys(m), x, renamed, n.x, viaImport, ns.y, d, m.own];`,
    'middle.ts': `export * from './x.ts'; export * as n from './x.ts'; export { x as renamed, default as d } from './x.ts';
      import { y as viaImport } from './x.ts'; import * as ns from './x.ts'; export { viaImport, ns }; export const own = 1; export const y = 'mine';`,
    'x.ts': `export const x = 1, y = 2; export default 3; export * from './middle.ts';`,
  },
  'the same from two, and two of one name': {
    'main.ts': `import * as m from './both.ts'; import { same } from './both.ts'; export const probe = [Object.keys(m), same];`,
    'both.ts': `export * from './a.ts'; export * from './b.ts'; export * as default from './a.ts';`,
    'a.ts': `export { same } from './c.ts'; export const other = 1;`,
    'b.ts': `export { same } from './c.ts'; export const other = 2;`,
    'c.ts': 'export const same = 1;',
  },
  'a name that is not there': { 'main.ts': `import { none } from './x.ts'; export const probe = none;`, 'x.ts': 'export const a = 1;' },
  'a default that is not there, for export * gives none': {
    'main.ts': `import d from './x.ts'; export const probe = d;`,
    'x.ts': `export * from './y.ts';`,
    'y.ts': 'export default 1;',
  },
  'a name of a package that is not there': { 'main.ts': `import { none } from 'node:path'; export const probe = none;` },
  'imports that are hidden by other names': {
    'main.ts': `import { a, b, f } from './x.ts';
      const o = { a, b: b, f() { return a; }, [a]: 1, get b2() { return b; } }, { a: taken, ...others } = o;
      const p = (a: number, { b } = { b: a }, ...f: number[]) => [a, b, f];
      const hoisted = (c = a) => { var a = 5; { let b = 6; c += b; } return [a, b, c]; };
      const block = () => { if (a) { const a = 7; return [a, b]; } return a; };
      const later = () => { const seen = typeof inner; for (const a of [8]) for (let b = 9; b < 10; b++) return [a, b, seen]; var inner = 1; return inner; };
      const caught = () => { try { throw 10; } catch (a) { return [a, b]; } };
      const named = [function a() { return typeof a; }(), typeof class b { static own = b; }.own, f()];
      const swapped = (x: number) => { switch (x) { case a: let b = 11; return b; default: return [a]; } };
      const labels = () => { a: for (;;) { break a; } return { a: { b: 1 } }.a.b; };
      class C { a = a; #b = b; static b = b; static { var b = 12; this.s = b; } static s: number; [a]() { return this.#b; } }
      const t = (text: TemplateStringsArray, ...more: unknown[]) => [text.join('|'), more];
      export const probe = [o.f(), o.b2, taken, Object.keys(others), p(1), hoisted(), block(), later(), caught(), named, swapped(1), swapped(2), labels(),
        new C().a, C.b, C.s, (new C() as any)[1](), t\`\${a}-\${b}\`, (() => { let a; ({ a = b } = {} as any); return a; })()];`,
    'x.ts': 'export const a = 1, b = 2; export function f(this: unknown) { return typeof this; }',
  },
  'what this is: on the top, of imported functions, of tags, behind ?. and where no semicolon ends a line': {
    'main.ts': `import { f } from './x.ts'; import * as x from './x.ts'
      const top = typeof this
      const seen: unknown[] = [top, f(), f?.(), f\`\`, x.f() === 'object', (f)(), new f() instanceof f]
      let last = seen
      f()
      const done = last
      import './x.ts'
      ;(f)()
      if (done) f()
      else f()
      export const probe = [seen.length, ...seen]
      f()`,
    'x.ts': 'export function f(this: unknown): any { return typeof this; }',
  },
  'an import that is assigned to': {
    'main.ts': `import { a } from './x.ts'; import * as x from './x.ts';
      const tried = (run: () => unknown) => { try { return run(); } catch (error) { return (error as Error).name; } };
      export const probe = [() => { (a as any) = 2; }, () => { (a as any)++; }, () => { ({ a } = { a: 2 } as any); }, () => { (x as any) = 2; },
        () => { for ((a as any) of [1]); }].map(tried);`,
    'x.ts': 'export let a = 1;',
  },
  'strict mode, and names that only functions have': {
    'main.ts': `const tried = (run: () => unknown) => { try { return run(); } catch (error) { return (error as Error).name; } };
      export const probe = [tried(() => { (globalThis as any).eval('undeclared'); }), tried(() => { (Object.freeze([]) as any)[0] = 1; }),
        tried(() => arguments.length), typeof arguments, (function () { return arguments.length; })(1 as never), typeof (globalThis as any).require, typeof module];
      declare const module: unknown;`,
  },
  'import.meta, own to each': {
    'main.ts': `import { meta } from './deep/x.ts'; (import.meta as any).mine = 1;
      const { resolve } = import.meta;
      export const probe = [Object.keys(import.meta), import.meta.url, import.meta.dirname, import.meta.filename, import.meta.main, meta, resolve('./none.ts'), resolve('node:fs'), resolve('fs'),
        resolve('pkg'), import.meta . url];`,
    'deep/x.ts': 'const { url, dirname, filename } = import.meta; export const meta = [url, dirname, filename, "mine" in import.meta];',
    'node_modules/pkg/package.json': '{"name":"pkg","exports":{"import":"./index.mjs","require":"./none.cjs"}}',
    'node_modules/pkg/index.mjs': '',
  },
  'import(), of modules that are there and that are not, of what is thought of late, of packages': {
    'main.ts': `import * as x from './x.ts';
      const of = (promise: Promise<unknown>) => promise.then((one: any) => Object.keys(one).slice(0, 3), (error) => [error.name, error.code]);
      export const probe = async () => [(await import('./x.ts')).a === x.a, await of(import('./' + 'y.ts')), await of(import('./none.ts')), await of(import('none')),
        await of(import('./broken.ts')), await of(import('./throws.ts')), await of(import('./throws.ts')), await of(import('./data.json', { with: { type: 'json' } })),
        await of(import('pkg')), (await import('pkg')).count === (await import('pkg')).count, await of(import(Symbol() as any))];`,
    'x.ts': 'export const a = {};',
    'y.ts': 'await null; export const y = 1; export default 2;',
    'broken.ts': 'export const = 1;',
    'throws.ts': "throw new RangeError('no'); export {};",
    'data.json': '{"a":1}',
    'node_modules/pkg/package.json': '{"name":"pkg","type":"module","exports":"./index.js"}',
    'node_modules/pkg/index.js': 'export const count = {}; export let live = 1;',
  },
  'packages, of both kinds, live, and each from where it is imported': {
    'main.ts': `import one, { live, change } from 'pkg'; import common, { named } from 'common'; import * as all from 'common'; import inner from './deep/x.ts';
      import path, { join as joined } from 'node:path';
      const before = live; change(); export const probe = [one, live - before, common.named, named, Object.keys(all), inner, path.join === joined, joined('a', 'b')];`,
    'deep/x.ts': `export { default } from 'pkg';`,
    'deep/node_modules/pkg/package.json': '{"name":"pkg","type":"module","exports":"./index.js"}',
    'deep/node_modules/pkg/index.js': "export default 'the inner';",
    'node_modules/pkg/package.json': '{"name":"pkg","type":"module","exports":"./index.js"}',
    'node_modules/pkg/index.js': "export default 'the outer'; export let live = 1; export const change = () => { live += 1; };",
    'node_modules/common/package.json': '{"name":"common"}',
    'node_modules/common/index.js': 'exports.named = 1;',
  },
  'JSON, and what is wrong with it': {
    'main.ts': `import data, { default as same } from './data.json' with { type: 'json' }; export const probe = [data, same === data];`,
    'data.json': '\ufeff{"a":[1]}',
  },
  'JSON without saying so': { 'main.ts': `import data from './data.json'; export const probe = data;`, 'data.json': '{}' },
  'JSON with more names than one': {
    'main.ts': `import { a } from './data.json' with { type: 'json' }; export const probe = a;`,
    'data.json': '{"a":1}',
  },
  'types alone': {
    'main.ts': `import type { A } from './x.ts'; import { type B, b } from './x.ts'; export type { A } from './x.ts'; export type C = A | B; export interface D {}
      export const probe: (A | B)[] = [b as B]; declare global { var none: number; }`,
    'x.ts': 'export type A = number; export type B = number; export const b = 1;',
  },
  'one file by two queries is two modules': {
    'main.ts': `import { a } from './x.ts?1'; import { a as b } from './x.ts?2'; import { a as c } from './x.ts?1'; export const probe = [a === b, a === c];`,
    'x.ts': 'export const a = {};',
  },
  'a first line for the shell, and line ends of every kind': {
    'main.js': "#!/usr/bin/env node\r\nimport { a } from './x.js';\u2028/* \r */export const probe = [a,\n'\u2028'];",
    'x.js': '\ufeffexport const a = 1;',
  },
  'a module by its name or its package, without a word of one': {
    'main.mts': `import './x.mjs'; import './inner/y.js'; export const probe = (globalThis as any).ranAsModule;`,
    'x.mjs': 'globalThis.ranAsModule = [typeof this];',
    'inner/package.json': '{"type":"module"}',
    'inner/y.js': 'globalThis.ranAsModule.push(typeof this);',
  },
  'using, await using, and names with escapes': {
    'main.js': `import { log, \\u0061 } from './x.js';
      { using one = { [Symbol.dispose]() { log.push('one'); } }; log.push('in', \\u0061, a); }
      await using two = { async [Symbol.asyncDispose]() { log.push('two'); } };
      export const probe = () => log;`,
    'x.js': 'export const log = [], a = 1;',
  },
  'names as of the prototype of objects': {
    'main.js': `import { __proto__, toString, constructor } from './x.js'; import * as x from './x.js';
      export const probe = [__proto__, toString, constructor, Object.keys(x), Object.getPrototypeOf(x)];`,
    'x.js': `const __proto__ = 1; export { __proto__ }; export const toString = 2; const c = 3; export { c as constructor };`,
  },
  'the prototype as a name in short': {
    'main.js': `import { __proto__ } from './x.js'; const o = { __proto__ }; export const probe = [Object.keys(o), o.own];`,
    'x.js': 'export const __proto__ = { own: 1 };',
  },
  'names that are used for the conversion, in escapes': {
    'main.js': `import { a } from './x.js'; const \\u005f$0 = 5, \\u{5f}$bind = 6, _\\u0024meta = 7; export const probe = [a, import.meta.filename];`,
    'x.js': 'export const a = 1;',
  },
  'what would be a comment in a script': { 'main.js': 'let x = 1, y = 0; export const probe = x<!--y' },
  'what would be a comment in a script, in texts': {
    'main.js': `export const probe = [/<!--/.source, "<!--", \`<!--\${1}<!--\`, \`<\`]; // <!--`,
  },
  'names that are used for the conversion': {
    'main.js': `import { _$0, b } from './x.js'; const _$ = 1, _$1 = 2, _$import = 3, exports = 4, module = 5; export const probe = [_$0, b, _$, _$1, _$import, exports, module];`,
    'x.js': `export const _$0 = 'a'; export const b = 'b';`,
  },
  'a failure on the top': { 'main.ts': `import './x.ts'; export const probe = 1;`, 'x.ts': "throw new RangeError('at once'); export {};" },
  'a failure on the top, later': {
    'main.ts': `import './x.ts'; export const probe = 1;`,
    'x.ts': "await null; throw new RangeError('later');",
  },
};

describe('the forms of modules', () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'postern-forms-')));
  const versions = new Versions();
  after(() => {
    versions.close();
    rmSync(folder, { recursive: true });
  });

  /** What one can see of a module that was loaded so, or of the failure. */
  const seen = async (load: () => Promise<unknown>): Promise<unknown> => {
    try {
      const namespace = (await load()) as Readonly<Record<string, unknown>>;
      const { probe } = namespace;
      return { names: Object.keys(namespace), probe: typeof probe === 'function' ? await probe() : probe };
    } catch (error) {
      const { name, code, message } = error as NodeJS.ErrnoException;
      return { name, code, message: message.replaceAll(/\?postern=\w+/g, '') };
    }
  };

  let count = 0;
  for (const [form, files] of Object.entries(forms))
    it(form, async () => {
      count += 1;
      const own = join(folder, String(count));
      for (const [name, text] of Object.entries(files)) {
        mkdirSync(dirname(join(own, name)), { recursive: true });
        writeFileSync(join(own, name), text);
      }
      const main = join(own, Object.keys(files)[0] ?? '');
      const ours = await seen(() => versions.load(main));
      const nodes = await seen(() => import(pathToFileURL(main).href));
      expect(ours).to.deep.equal(nodes);
    });

  it('a name that leads in a circle', async () => {
    writeFileSync(join(folder, 'one.ts'), "export { a } from './other.ts';");
    writeFileSync(join(folder, 'other.ts'), "export { a } from './one.ts';");
    expect(await seen(() => versions.load(join(folder, 'one.ts')))).to.deep.include({
      name: 'SyntaxError',
      message: "The requested module './other.ts' does not provide an export named 'a'",
    });
  });
});
