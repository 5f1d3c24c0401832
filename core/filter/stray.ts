/**
 * Failures that a user's filter left behind: of a promise it did not wait for, or in a callback of its own. No request is waiting
 * for them any more, and the gateway must not end by them, as a process of node's would.
 */
import { inspect } from 'node:util';
import { pino } from 'pino';
import { MARK, placed } from './esm/places.ts';
import type { FilterModules } from './modules.ts';

/** What filters were given to fail with: a promise that they derive from ours is rejected with an error made here. */
const given = new WeakSet<object>();

/** Remembers that a filter may pass this failure on to where nobody hears it. */
export function give<Failure>(error: Failure): Failure {
  if (typeof error === 'object' && error !== null) given.add(error);
  return error;
}

/** What a filter did that it cannot. */
export const misuse = (message: string, options?: ErrorOptions): TypeError => give(new TypeError(message, options));

/** @param error whatever was thrown, or a promise was rejected with, without anybody to hear it */
export function isStray(error: unknown, modules: Pick<FilterModules, 'files'>): boolean {
  if (modules.files.length === 0) return false;
  if (given.has(error as object)) return true;
  // A rejection may have been left by code that a filter called, and then its stack names no filter; nor does it name us.
  const stack = stackOf(error);
  return stack.includes(MARK) || !stack.includes(OURS);
}

/** Whatever a filter threw, as the log can write it: some objects cannot be looked at without throwing again. */
export function readable(error: unknown): unknown {
  try {
    pino.stdSerializers.err(error as Error);
    return placed(error);
  } catch {
    return new Error(`thrown: ${written(error)}`);
  }
}

function written(error: unknown): string {
  try {
    return inspect(error);
  } catch {
    return 'what cannot be looked at';
  }
}

function stackOf(error: unknown): string {
  try {
    return error instanceof Error && typeof error.stack === 'string' ? error.stack : '';
  } catch {
    return '';
  }
}

const OURS = new URL('..', import.meta.url).href;
