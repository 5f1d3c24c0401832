/** Says, behind `npm test`, which suites it has left out: those that need more than npm. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const folder = resolve(import.meta.dirname, '../interop');
const suites = readdirSync(folder)
  .filter((file) => file.endsWith('.test.ts'))
  .map((file) => `  ${file.replace('.test.ts', '').padEnd(12)} ${promise(join(folder, file))}`);

process.stdout.write(
  `\nLeft out here, for they need more than npm (npm run test:interop installs it and runs them):\n${suites.join('\n')}\n`,
);

/** The title of the file's first `describe`. */
function promise(file: string): string {
  return /describe\(\s*(['"`])(.*?)\1/.exec(readFileSync(file, 'utf8'))?.[2] ?? '';
}
