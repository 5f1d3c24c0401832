/** What a file of a user's is, and its text without types. */
import { createHash } from 'node:crypto';
import { readFile, realpath } from 'node:fs/promises';
import { stripTypeScriptTypes } from 'node:module';
import { basename, dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Converted, convert } from './convert.ts';
import { MARK, type Place, syntaxError } from './places.ts';

/** What there is at each path, so that a change is found: where links lead to, and the content. Undefined where there was nothing. */
export type States = Map<string, string | undefined>;

export interface Found {
  readonly real: string;
  readonly content: Buffer;
}

/** @throws the system's error */
export async function find(path: string): Promise<Found> {
  const real = await realpath(path);
  return { real, content: await readFile(real) };
}

export const stateOf = ({ real, content }: Found): string => `${createHash('sha256').update(content).digest('hex')} ${real}`;

export async function isAsIn(states: States): Promise<boolean> {
  for (const [path, earlier] of states) {
    const found = await find(path).catch(() => undefined);
    if ((found && stateOf(found)) !== earlier) return false;
  }
  return true;
}

/** Those of files that hold a module, or one of CommonJS. */
const scripts: readonly string[] = ['.ts', '.mts', '.cts', '.js', '.mjs', '.cjs', ''];

export const isScript = (real: string): boolean => scripts.includes(extname(real));

/** A module's own address: what stacks call it. */
export const addressOf = (url: string): string => url.replace(/[?#].*$/, '') + MARK;

/**
 * @param url with whatever query the import gave it
 * @throws SyntaxError with the place in its stack; TypeError for CommonJS
 */
export async function readModule(url: string, { real, content }: Found): Promise<Converted> {
  const extension = extname(real);
  const format = extension.startsWith('.m') ? 'module' : extension.startsWith('.c') ? 'commonjs' : await typeOfPackage(real);
  if (format === 'commonjs') throw isCommonJs(real);
  const written = new TextDecoder().decode(content);
  const text = extension.endsWith('ts') ? withoutTypes(written, addressOf(url)) : written;
  let converted: Converted;
  try {
    converted = convert(text);
  } catch (error) {
    const { loc, message } = error as Error & { loc?: Place };
    if (!loc) throw error;
    throw syntaxError(message.replace(/ \(\d+:\d+\)$/, ''), addressOf(url), written, loc);
  }
  if (format === undefined && !converted.isModule) throw isCommonJs(real);
  return converted;
}

/** What node does itself with files it imports; of the function it warns, once, that it may still change. */
function withoutTypes(text: string, sourceUrl: string): string {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    // It says its name at its end; with that, the engine would count lines from where the function begins.
    return stripTypeScriptTypes(text, { sourceUrl }).replace(/\n+\/\/# sourceURL=.*$/, '');
  } finally {
    process.emitWarning = emitWarning;
  }
}

/** Node keeps those by their names alone, so that a changed one would be what it was. */
const isCommonJs = (real: string): TypeError =>
  new TypeError(`${basename(real)} is CommonJS, which cannot be reloaded: write it as a module (export, import)`);

async function typeOfPackage(real: string): Promise<'module' | 'commonjs' | undefined> {
  for (let folder = dirname(real); basename(folder) !== 'node_modules'; folder = dirname(folder)) {
    const text = await readFile(join(folder, 'package.json'), 'utf8').catch(() => undefined);
    if (text !== undefined) {
      const { type } = JSON.parse(text) as { type?: unknown };
      return type === 'module' || type === 'commonjs' ? type : undefined;
    }
    if (folder === dirname(folder)) break;
  }
  return undefined;
}

/** @throws SyntaxError that names the file, as node says it */
export function readJson(url: string, { content }: Found): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(content));
  } catch (error) {
    throw new SyntaxError(`${fileURLToPath(url)}: ${error instanceof Error ? error.message : error}`, { cause: error });
  }
}
