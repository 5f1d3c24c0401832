/** The one document that the parts make. */
import type { Problem } from '../problem.ts';

/** A part as it stands in the document. */
export interface Piece {
  readonly name: string;
  /** JSON text; undefined where there is neither an answer nor a default. */
  readonly text: string | undefined;
  /** Why it is not the service's answer. */
  readonly problem: Problem | undefined;
}

/** Of the parts that failed, beside those that did not: no part can be named so. */
export const FAILURES = '_failures';

/** Each part under its name, as its service wrote it: no number is rounded, no key is moved. */
export function underNames(pieces: readonly Piece[]): string {
  const members = pieces.flatMap(({ name, text }) => (text === undefined ? [] : [`${JSON.stringify(name)}:${text}`]));
  const failures = failuresOf(pieces);
  if (failures !== undefined) members.push(`${JSON.stringify(FAILURES)}:${failures}`);
  return `{${members.join(',')}}`;
}

/** The fields of all parts in one object; of two alike the later part's stands. @throws TypeError for a part that is no object */
export function merged(pieces: readonly Piece[]): string {
  const all: Record<string, unknown> = Object.create(null);
  for (const { name, text } of pieces) {
    const value = text === undefined ? {} : exactly(text);
    if (!isMergeable(value)) throw new TypeError(`part ${name} is no object`);
    for (const [key, field] of Object.entries(value)) all[key] = field;
  }
  const failures = failuresOf(pieces);
  if (failures !== undefined) all[FAILURES] = JSON.parse(failures);
  return JSON.stringify(all);
}

export const isMergeable = (value: unknown): value is object => typeof value === 'object' && value !== null && !Array.isArray(value);

function failuresOf(pieces: readonly Piece[]): string | undefined {
  const failed = pieces.flatMap(({ name, problem }) => (problem ? [[name, { code: problem.code, title: problem.failure.title }]] : []));
  return failed.length === 0 ? undefined : JSON.stringify(Object.fromEntries(failed));
}

const { rawJSON } = JSON as typeof JSON & { rawJSON(text: string): unknown };
type Reviver = (key: string, value: unknown, context?: { source?: string }) => unknown;

/** JavaScript's numbers have 53 bits, those of JSON have any: what would be rounded stays as it is written. */
function exactly(text: string): unknown {
  const keep: Reviver = (_key, value, { source } = {}) =>
    typeof value === 'number' && source !== undefined && String(value) !== source ? rawJSON(source) : value;
  return JSON.parse(text, keep);
}
