/**
 * The answers under way. An array in which the last takes the place of the one that leaves: a Set that churns with every
 * request leaves dead tables in the old generation, and these keep the requests of seconds alive through minor collections.
 */
import type { ServerResponse } from 'node:http';

export interface Underway extends Iterable<ServerResponse> {
  readonly size: number;
  /** Until its `close`. */
  add(res: ServerResponse): void;
}

interface Entry {
  readonly res: ServerResponse;
  at: number;
}

export function underway(): Underway {
  const entries: Entry[] = [];
  const remove = (entry: Entry) => {
    const last = entries.pop();
    if (last === undefined || last === entry) return;
    entries[entry.at] = last;
    last.at = entry.at;
  };
  return {
    get size() {
      return entries.length;
    },
    add(res) {
      const entry: Entry = { res, at: entries.length };
      entries.push(entry);
      res.on('close', () => remove(entry));
    },
    *[Symbol.iterator]() {
      for (const { res } of entries) yield res;
    },
  };
}
