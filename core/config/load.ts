/** A configuration from its file: read, validated, completed, checked. Every error at once, each with its place. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { check } from './check.ts';
import { complete } from './complete.ts';
import { ConfigError, type Finding, inOrder, type Path, type Position, type Remark } from './finding.ts';
import { hasType, inputSchema, schemasAt } from './input-schema.ts';
import { pointer } from './positions.ts';
import { type Plain, type ReadResult, read } from './read.ts';
import type { Config } from './schema/index.ts';
import { validate } from './validate.ts';

export { ConfigError, type Finding, formatFinding } from './finding.ts';

export interface LoadedConfig {
  readonly config: Config;
  /** Warnings; errors are thrown. */
  readonly findings: readonly Finding[];
  /** As it was named, for messages. */
  readonly file: string;
  /** Where relative file names in it begin. */
  readonly directory: string;
  /** Names this text; both gateways show it, so that one can see whether they run the same. */
  readonly revision: string;
  /** Where a value stands. */
  at(path: Path): Position;
}

export interface ParseOptions {
  file: string;
  environment?: NodeJS.ProcessEnv;
}

export function loadConfig(file: string, environment: NodeJS.ProcessEnv = process.env): LoadedConfig {
  return parseConfig(textOf(file), { file, environment });
}

export function parseConfig(text: string, { file, environment = process.env }: ParseOptions): LoadedConfig {
  const directory = dirname(resolve(file));
  const reading = read(text, file, environment);
  const { positions, findings: unreadable } = reading;
  if (reading.fatal) throw new ConfigError(inOrder(unreadable));

  const value = typed(reading);
  const { remarks, invalid } = validate(value, { ...reading, pathOf: (place) => positions.pathOf(place) });
  // The schema has said that the shape is right, or `complete` has made it so.
  const config = complete(inputSchema, value, invalid) as Config;
  const conclusions = check(config, { directory }).filter((remark) => !isMoot(remark, invalid));
  const findings = inOrder([...unreadable, ...[...remarks, ...conclusions].map((remark) => positions.locate(remark))]);
  if (findings.some(({ severity }) => severity === 'error')) throw new ConfigError(findings);

  const revision = createHash('sha256').update(text).digest('hex').slice(0, 12);
  return { config, findings, file, directory, revision, at: (path) => positions.at(path) };
}

function textOf(file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file));
  } catch (problem) {
    throw new ConfigError([{ severity: 'error', file, line: 0, column: 0, path: [], message: `cannot be read: ${reasonOf(problem)}` }]);
  }
}

function reasonOf(problem: unknown): string {
  const code = problem instanceof Error && 'code' in problem ? problem.code : undefined;
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'EACCES' || code === 'EPERM') return 'permission denied';
  if (code === 'EISDIR') return 'it is a directory';
  if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') return 'it is not UTF-8 text';
  return problem instanceof Error ? problem.message : String(problem);
}

/** Text that came from the environment whole, as the number or boolean that the schema wants in its place. */
function typed({ value, whole, positions }: ReadResult): Plain {
  let root = value;
  for (const place of whole) {
    const path = positions.pathOf(place);
    const forms = schemasAt(path);
    if (forms.length === 0 || forms.some((form) => hasType(form, 'string'))) continue;
    root = replaced(root, path, (text) => {
      if (forms.some((form) => hasType(form, 'boolean')) && (text === 'true' || text === 'false')) return text === 'true';
      const isNumber = typeof text === 'string' && /^-?\d+(\.\d+)?$/.test(text) && forms.some((form) => hasType(form, 'integer') || hasType(form, 'number'));
      return isNumber ? Number(text) : text;
    });
  }
  return root;
}

function replaced(value: Plain, [head, ...rest]: Path, change: (value: Plain) => Plain): Plain {
  if (head === undefined) return change(value);
  // The tree was built by `read` a moment ago and nobody else holds it: changed in place.
  if (Array.isArray(value)) value[Number(head)] = replaced(value[Number(head)] ?? null, rest, change);
  else if (value !== null && typeof value === 'object') value[head] = replaced(value[head] ?? null, rest, change);
  return value;
}

/** A conclusion about a value that is itself in error, or has errors inside, says nothing new. */
function isMoot({ path, from = [] }: Remark, invalid: ReadonlySet<string>): boolean {
  const place = pointer(path);
  return [...invalid].some((wrong) => wrong === place || wrong.startsWith(`${place}/`)) || from.some((other) => invalid.has(pointer(other)));
}
