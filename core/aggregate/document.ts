/** The one document that the parts make, of their texts: no number is rounded, no value made anew. */
import type { Problem } from '../problem.ts';
import { membersOf } from './json-text.ts';

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

/** Each part under its name. */
export function underNames(pieces: readonly Piece[]): string {
  return written([...pieces.flatMap(({ name, text }) => (text === undefined ? [] : [[name, text] as const])), ...failuresOf(pieces)]);
}

/** The fields of all parts in one object; of two alike the later part's stands. Parts are objects. */
export function merged(pieces: readonly Piece[]): string {
  const all = new Map<string, string>();
  for (const { text } of pieces) for (const [name, value] of text === undefined ? [] : (membersOf(text) ?? [])) all.set(name, value);
  // The gateway alone says what failed.
  all.delete(FAILURES);
  return written([...all, ...failuresOf(pieces)]);
}

function written(members: readonly (readonly [name: string, value: string])[]): string {
  return `{${members.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(',')}}`;
}

function failuresOf(pieces: readonly Piece[]): readonly (readonly [string, string])[] {
  const failed = pieces.flatMap(({ name, problem }) => (problem ? [[name, { code: problem.code, title: problem.failure.title }]] : []));
  return failed.length === 0 ? [] : [[FAILURES, JSON.stringify(Object.fromEntries(failed))]];
}
