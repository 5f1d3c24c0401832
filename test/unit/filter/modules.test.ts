import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { type FilterModule, FilterModules } from '../../../core/filter/modules.ts';

describe('modules of filters', () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'postern-modules-')));
  const modules = new FilterModules(folder);
  after(() => {
    modules.close();
    rmSync(folder, { recursive: true });
  });
  let count = 0;
  const loaded = async (body: string): Promise<FilterModule | string> => {
    count += 1;
    const name = `./m${count}.ts`;
    writeFileSync(join(folder, name), body.startsWith('{') ? `export default ${body};` : body);
    let found: FilterModule | Error | undefined;
    await modules.load([name], (results) => {
      found = results.get(name);
      return found instanceof Error ? [found] : [];
    });
    return found instanceof Error ? found.message : (found as FilterModule);
  };
  const optionsOf = async (schema: string, given: unknown) => {
    const module = await loaded(`{ name: 'a', stage: 'pre', schema: ${schema}, run() {} }`);
    return typeof module === 'string' ? module : module.options(given);
  };

  const refused: Readonly<Record<string, string>> = {
    'export const a = 1;': 'its default export is no filter',
    'export default null;': 'its default export is no filter',
    'export default () => {};': 'its default export is no filter',
    "{ stage: 'pre', run() {} }": 'name is missing',
    "{ name: '', stage: 'pre', run() {} }": 'name is missing',
    "{ name: 'a', run() {} }": 'stage must be pre, route, post or error, not undefined',
    "{ name: 'a', stage: 'toString', run() {} }": "not 'toString'",
    "{ name: 'a', stage: 'pre' }": 'run is missing',
    "{ name: 'a', stage: 'pre', order: '1', run() {} }": "order must be a number, not '1'",
    "{ name: 'a', stage: 'pre', order: 1n, run() {} }": 'order must be a number, not 1n',
    "{ name: 'a', stage: 'pre', order: NaN, run() {} }": 'order must be a number, not NaN',
    "{ name: 'a', stage: 'pre', schema: 5, run() {} }": 'its schema is no JSON Schema',
    "{ name: 'a', stage: 'pre', schema: { type: 'wrong' }, run() {} }": 'its schema is no JSON Schema',
    "{ name: 'a', stage: 'pre', schema: { $ref: 'http://x.example/' }, run() {} }": 'its schema is no JSON Schema',
    "{ name: 'a', stage: 'pre', schema: { $async: true }, run() {} }": '$async',
    "{ get name() { throw new Error('a trap'); } }": 'a trap',
    "throw 'a text'; export {};": 'a text',
  };
  for (const [body, why] of Object.entries(refused)) it(`are none: ${body}`, async () => expect(await loaded(body)).to.contain(why));

  it('have an order of 0 unless they say another', async () => {
    expect(await loaded("{ name: 'a', stage: 'post', run() {} }")).to.include({ name: 'a', stage: 'post', order: 0 });
  });

  it('take options with the defaults of their schema, frozen, and none of them twice', async () => {
    const schema =
      "{ type: 'object', properties: { a: { type: 'number', default: 1 }, b: { type: 'object', properties: { c: { default: 2 } } } } }";
    const given = { b: {} };
    const checked = (await optionsOf(schema, given)) as { options: { b: object } };
    expect(checked).to.deep.equal({ options: { a: 1, b: { c: 2 } } });
    expect([Object.isFrozen(checked.options), Object.isFrozen(checked.options.b), given]).to.deep.equal([true, true, { b: {} }]);
    expect(await optionsOf(schema, undefined)).to.deep.equal({ options: { a: 1 } });
    expect(await optionsOf(schema, null)).to.deep.equal({ options: { a: 1 } });
  });

  it('say what is wrong with options, and where', async () => {
    const schema =
      "{ type: 'object', properties: { 'a/~b': { type: 'array', items: { type: 'number' } } }, required: ['c'], additionalProperties: false }";
    expect(await optionsOf(schema, { 'a/~b': [1, 'x'], d: 1 })).to.deep.equal({
      wrong: [
        { path: [], message: "must have required property 'c'" },
        { path: ['d'], message: 'unknown key' },
        { path: ['a/~b', 1], message: 'must be number' },
      ],
    });
  });

  it('get options as they are without a schema, a name of the prototype among them', async () => {
    const module = (await loaded("{ name: 'a', stage: 'pre', run() {} }")) as FilterModule;
    const given = JSON.parse('{"__proto__":{"polluted":true},"a":1}');
    const { options } = module.options(given) as { options: Record<string, unknown> };
    expect([Object.keys(options), ({} as { polluted?: unknown }).polluted]).to.deep.equal([['__proto__', 'a'], undefined]);
  });

  it('run with their object as this, whatever becomes of it later', async () => {
    const module = (await loaded(
      "const filter = { name: 'a', stage: 'pre', text: 'mine', run() { filter.stage = 'post'; delete filter.run; return this.text; } }; export default filter;",
    )) as FilterModule;
    const run = () => module.run({} as never, {});
    expect([run(), run(), module.stage]).to.deep.equal(['mine', 'mine', 'pre']);
  });
});
