/** From one value to another in the fewest places: what is the same on both sides is not touched. */
import type { Path } from '../config/finding.ts';
import { canonical } from '../contract/json.ts';
import { isList, isMapping, type Written } from './written.ts';

/** One step, each on what those before it made. In a list, `insert` moves what stands there, and `remove` what follows. */
export interface Step {
  readonly kind: 'set' | 'insert' | 'remove';
  readonly path: Path;
  /** Undefined where something is taken out. */
  readonly value?: Written;
}

export const isSame = (one: Written | undefined, other: Written | undefined): boolean => canonical(one) === canonical(other);

export function differences(before: Written, after: Written, path: Path = []): Step[] {
  if (isMapping(before) && isMapping(after) && path.length + Object.keys(before).length > 0) {
    const gone = Object.keys(before).filter((key) => !Object.hasOwn(after, key));
    return [
      ...Object.entries(after).flatMap(([key, value]): Step[] => {
        const inside = [...path, key];
        const own = Object.hasOwn(before, key) ? before[key] : undefined;
        return own === undefined ? [{ kind: 'insert', path: inside, value }] : differences(own, value, inside);
      }),
      // Last, so that what is left is never an empty object that is filled again.
      ...gone.map((key): Step => ({ kind: 'remove', path: [...path, key] })),
    ];
  }
  if (isList(before) && isList(after) && before.length > 0 && after.length > 0) return between(before, after, path);
  return isSame(before, after) ? [] : [{ kind: 'set', path, value: after }];
}

/** Of lists, what is the same at both ends stays. */
function between(before: readonly Written[], after: readonly Written[], path: Path): Step[] {
  const shorter = Math.min(before.length, after.length);
  let head = 0;
  while (head < shorter && isSame(before[head], after[head])) head += 1;
  let tail = 0;
  while (tail < shorter - head && isSame(before.at(-1 - tail), after.at(-1 - tail))) tail += 1;
  const [old, fresh] = [before.slice(head, before.length - tail), after.slice(head, after.length - tail)];
  const both = Math.min(old.length, fresh.length);
  const place = (index: number): Path => [...path, head + index];
  return [
    ...fresh.slice(0, both).flatMap((value, index) => differences(old[index] ?? null, value, place(index))),
    ...fresh.slice(both).map((value, index): Step => ({ kind: 'insert', path: place(both + index), value })),
    ...old.slice(both).map((_, index): Step => ({ kind: 'remove', path: place(old.length - 1 - index) })),
  ];
}
