/** Durations that must last: zero would mean "at once" to one timer and "never" to another. */
import { error, type Path, type Remark } from '../finding.ts';

/** @param durations milliseconds by key; what is not given is nothing to check. @param path where the keys stand */
export function positive(durations: Readonly<Record<string, number | undefined>>, path: Path): Remark[] {
  return Object.entries(durations)
    .filter(([, value]) => value === 0)
    .map(([key]) => error([...path, key], 'must be longer than 0'));
}
