/** What is wrong with a request or an answer, in the shape that problem documents tell it. */
import { fragment } from './json.ts';
import type { Violation } from './validators.ts';

export type Place = 'path' | 'query' | 'header' | 'cookie' | 'body' | 'status' | 'operation' | 'content-type';

export interface Fault {
  readonly in: Place;
  /** Of a body, a JSON pointer as the fragment of a URI (RFC 6901 section 6); of a parameter or field, its name. */
  readonly pointer: string;
  readonly detail: string;
  /** The place in the contract that says so; for logs, as it has nothing of the request. */
  readonly rule?: string | undefined;
}

/** Told at most. */
export const MOST_FAULTS = 50;

export const inBody = (violations: readonly Violation[]): Fault[] =>
  violations.map(({ path, detail, rule }) => ({ in: 'body', pointer: fragment(path), detail, rule }));

/** Each once, and no more than anybody reads. */
export function told(faults: readonly Fault[]): { in: Place; pointer: string; detail: string }[] {
  const seen = new Map<string, { in: Place; pointer: string; detail: string }>();
  for (const { in: place, pointer, detail } of faults) {
    if (seen.size === MOST_FAULTS) break;
    seen.set(`${place} ${pointer} ${detail}`, { in: place, pointer, detail });
  }
  return [...seen.values()];
}
