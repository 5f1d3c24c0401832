/** The changes between two configurations that were loaded, each with its place in its file. */
import { formatPath, warning } from '../config/finding.ts';
import type { LoadedConfig } from '../config/load.ts';
import { type ReachabilityChange, reachability, reachabilityInTurns } from './reachability.ts';

/** As it is printed and answered in JSON: `place` as findings have it, `routes[0]`. */
export interface LocatedChange extends Omit<ReachabilityChange, 'place'> {
  readonly place: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export const changesBetween = (before: LoadedConfig, after: LoadedConfig): readonly LocatedChange[] =>
  reachability(before.config, after.config).map(located(before, after));

/** The same, for a process that has other things to do meanwhile. */
export async function changesInTurns(before: LoadedConfig, after: LoadedConfig): Promise<readonly LocatedChange[]> {
  return (await reachabilityInTurns(before.config, after.config)).map(located(before, after));
}

const located =
  (before: LoadedConfig, after: LoadedConfig) =>
  ({ place, ...change }: ReachabilityChange): LocatedChange => {
    // What is over has its place where it was.
    const { file, line, column } = (change.wider ? after : before).locate(warning(place, ''));
    return { ...change, place: formatPath(place), file, line, column };
  };
