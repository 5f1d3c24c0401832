import { mkdtempSync, realpathSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { Versions } from '../../../core/filter/versions.ts';

describe('the versions of a module', () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'postern-versions-')));
  const versions = new Versions(200);
  after(() => {
    versions.close();
    rmSync(folder, { recursive: true });
  });
  const write = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const load = async (file: string, by = versions) => ((await by.load(file)) as { default: unknown }).default;
  const failure = (file: string) =>
    versions.load(file).then(
      () => undefined,
      (error: Error & { code?: string }) => error.code ?? error.message,
    );

  it('are the same as long as nothing changes', async () => {
    const file = write('same.ts', 'export default { made: 1 as number };');
    const first = await load(file);
    expect(await load(file)).to.equal(first);
    write('same.ts', 'export default { made: 1 as number };');
    expect(await load(file)).to.equal(first);
    write('same.ts', 'export default { made: 2 as number };');
    expect(await load(file)).to.deep.equal({ made: 2 });
  });

  it('are others when what they import changes: modules, data, what those import', async () => {
    write('deep.ts', 'export const deep = 1;');
    write('data.json', '{"data":1}');
    write('middle.js', "export { deep } from './deep.ts';");
    const file = write(
      'top.ts',
      "import { deep } from './middle.js'; import data from './data.json' with { type: 'json' }; export default [deep, data.data];",
    );
    expect(await load(file)).to.deep.equal([1, 1]);
    expect(versions.filesOf(file).map((path) => path.slice(folder.length + 1))).to.have.members([
      'top.ts',
      'middle.js',
      'deep.ts',
      'data.json',
    ]);
    write('deep.ts', 'export const deep = 2;');
    expect(await load(file)).to.deep.equal([2, 1]);
    write('data.json', '{"data":2}');
    expect(await load(file)).to.deep.equal([2, 2]);
  });

  it('share the packages and the modules of node that they import', async () => {
    const file = write('shares.ts', "import fs from 'node:fs'; export default [fs];");
    const [one] = (await load(file)) as unknown[];
    write('shares.ts', "import fs from 'node:fs'; export default [fs, 2];");
    expect(((await load(file)) as unknown[])[0]).to.equal(one);
  });

  it('do not load what is broken, and load it once it is not', async () => {
    for (const [text, why] of [
      ['export default {', 'ERR_INVALID_TYPESCRIPT_SYNTAX'],
      ['enum A { B } export default A;', 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX'],
      ["throw new Error('at once'); export {};", 'at once'],
      ["import './none.ts';", 'ERR_MODULE_NOT_FOUND'],
      ["import { nothing } from './deep.ts';", "The requested module './deep.ts' does not provide an export named 'nothing'"],
      ['await new Promise(() => {});', 'it did not load within 200 ms'],
      ["await Promise.reject(new Error('later'));", 'later'],
    ] as const)
      expect(await failure(write('broken.ts', text))).to.equal(why);
    expect(await load(write('broken.ts', 'export default 1;'))).to.equal(1);
  });

  it('know which files to look out for after a failure', async () => {
    const file = write('wants.ts', "import './wanted.ts'; export default 1;");
    await failure(file);
    expect(versions.filesOf(file)).to.include(join(folder, 'wanted.ts'));
  });

  it('have gone when their file has, and are there again with it', async () => {
    const file = write('goes.ts', 'export default 1;');
    const first = await load(file);
    unlinkSync(file);
    expect(await failure(file)).to.equal('ENOENT');
    write('goes.ts', 'export default 1;');
    expect(await load(file)).to.equal(first);
    expect(await failure(folder)).to.equal('EISDIR');
  });

  it('are others when a link leads elsewhere', async () => {
    write('link-1.ts', 'export default 1;');
    write('link-2.ts', 'export default 2;');
    const link = join(folder, 'link.ts');
    symlinkSync('link-1.ts', link);
    expect(await load(link)).to.equal(1);
    unlinkSync(link);
    symlinkSync('link-2.ts', link);
    expect(await load(link)).to.equal(2);
  });

  it('belong to one who loads alone', async () => {
    const other = new Versions();
    const file = write('own.ts', 'export default {};');
    const first = await load(file);
    expect(await load(file, other)).not.to.equal(first);
    write('own.ts', "import './deep.ts'; export default { changed: true };");
    expect(await load(file, other)).to.deep.equal({ changed: true });
    other.close();
    expect(await load(file)).to.deep.equal({ changed: true });
  });

  it('are loaded once for all who want them at once, and find the types of filters wherever they are', async () => {
    const file = write('once.ts', "import { type Filter } from 'postern/filter'; export default { name: 'a' } as Partial<Filter>;");
    const [one, other] = await Promise.all([load(file), load(file)]);
    expect(one).to.equal(other).and.to.deep.equal({ name: 'a' });
  });

  it('find what they import only when they run', async () => {
    const file = write('lazy.ts', "export default () => import('./deep.ts');");
    const lazy = (await load(file)) as () => Promise<{ deep: number }>;
    expect((await lazy()).deep).to.equal(2);
    expect(await load(file)).to.equal(lazy);
    expect(versions.filesOf(file)).to.include(join(folder, 'deep.ts'));
    write('deep.ts', 'export const deep = 3;');
    const again = (await load(file)) as typeof lazy;
    expect((await again()).deep).to.equal(3);
  });

  it('are of modules alone: what is CommonJS would stay what it was', async () => {
    for (const [name, text] of [
      ['common.cjs', 'module.exports = { name: "a" };'],
      ['common.js', 'module.exports = { name: "a" };'],
      ['common.cts', 'module.exports = { name: "a" };'],
      ['wants-common.ts', "import './common.cjs'; export default {};"],
    ] as const)
      expect(await failure(write(name, text)), name).to.contain('is CommonJS');
  });
});
