/**
 * Failures that a user's filter left behind: of a promise it did not wait for, or in a callback of its own. No request is waiting
 * for them any more, and the gateway must not end by them, as a process of node's would.
 */
import type { FilterModules } from './modules.ts';

/** @param error whatever was thrown, or a promise was rejected with, without anybody to hear it */
export function isStray(error: unknown, modules: Pick<FilterModules, 'files'>): boolean {
  if (modules.files.length === 0) return false;
  // A rejection may have been left by code that a filter called, and then its stack names no filter; nor does it name us.
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  return stack.includes('?postern=') || !stack.includes(OURS);
}

const OURS = new URL('..', import.meta.url).href;
