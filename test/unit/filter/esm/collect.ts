/** Run with `--expose-gc` and a folder: loads a module that has changed 120 times, and tells what is left of its versions. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Versions } from '../../../../core/filter/versions.ts';

const [, , folder = ''] = process.argv;
const versions = new Versions();
const main = join(folder, 'main.ts');

async function loadVersion(number: number): Promise<object> {
  writeFileSync(
    join(folder, 'circle.ts'),
    `import filter from './main.ts'; export const circle = () => filter; export const number = ${number};`,
  );
  writeFileSync(join(folder, 'data.json'), `{"number":${number}}`);
  writeFileSync(join(folder, 'lazy.ts'), `await null; export const number = ${number};`);
  // What does not load leaves nothing either.
  writeFileSync(main, `import './circle.ts'; throw new Error('${number}'); export {};`);
  await versions.load(main).catch(() => {});
  writeFileSync(
    main,
    `import { join } from 'node:path';
     import { circle, number } from './circle.ts';
     import data from './data.json' with { type: 'json' };
     await null;
     export default { made: ${number}, url: import.meta.url, circle, data, run: async () => join(String(number), String((await import('./lazy.ts')).number)) };`,
  );
  const { default: exported } = (await versions.load(main)) as { default: { run(): Promise<string> } };
  if ((await exported.run()) !== join(String(number), String(number))) throw new Error(`version ${number} is another`);
  return exported;
}

async function collect(): Promise<number> {
  for (let turn = 0; turn < 5; turn += 1) {
    // References that were looked at stay until the turn is over.
    await new Promise((resolve) => setImmediate(resolve));
    globalThis.gc?.({ type: 'major', flavor: 'last-resort', execution: 'sync' });
  }
  return process.memoryUsage().heapUsed;
}

for (let number = -40; number < 0; number += 1) await loadVersion(number);
const before = await collect();
const replaced: WeakRef<object>[] = [];
for (let number = 1; number <= 120; number += 1) replaced.push(new WeakRef(await loadVersion(number)));
const behind = await collect();
const alive = replaced.map((one) => one.deref());
const inUse = alive.at(-1) !== undefined;
const left = alive.slice(0, -1).filter(Boolean).length;
process.stdout.write(
  JSON.stringify({ versions: replaced.length, left, inUse, perVersion: Math.round((behind - before) / replaced.length) }),
);
versions.close();
