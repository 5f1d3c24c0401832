/** `check --diff`: what becomes reachable to whom by a change of the configuration, and what no longer is. */
import { changesBetween, type LocatedChange } from '../check/changes.ts';
import { loadChecked } from '../check/routes.ts';
import { ConfigError } from '../config/finding.ts';
import type { LoadedConfig } from '../config/load.ts';
import type { Paint } from './paint.ts';
import { plain } from './plain.ts';

export interface Difference {
  readonly before: LoadedConfig;
  readonly after: LoadedConfig;
  readonly changes: readonly LocatedChange[];
}

/** @throws ConfigError with the findings of both */
export function compare(before: string, after: string, section: 'public' | 'private'): Difference {
  const problems: unknown[] = [];
  const [then, now] = [before, after].map((file) => {
    try {
      return loadChecked(file, { section });
    } catch (problem) {
      problems.push(problem);
      return undefined;
    }
  });
  const strange = problems.find((problem) => !(problem instanceof ConfigError));
  if (strange !== undefined) throw strange;
  if (then === undefined || now === undefined)
    throw new ConfigError(problems.flatMap((problem) => (problem instanceof ConfigError ? problem.findings : [])));
  return { before: then, after: now, changes: changesBetween(then, now) };
}

/** One line for what is said of the same requests, such as `new.yaml:9:5 newly anonymous, newly public: …`. */
export function describeChanges(changes: readonly LocatedChange[], paint: Paint): string {
  const alike = Map.groupBy(changes, ({ kind: _, ...rest }) => JSON.stringify(rest));
  const lines = [...alike.values()].map((same) => {
    const [{ file, line, column, wider, gateway, route, hosts, methods, path, who, says } = {} as LocatedChange] = same;
    const kinds = same.map(({ kind }) => kind.replaceAll('-', ' ')).join(', ');
    const where = `${hosts.includes('*') ? '' : `${hosts.join(',')} `}${path}`;
    const what =
      route === '*'
        ? `the whole ${gateway} gateway`
        : `${route}, ${methods.includes('*') && methods.length === 1 ? 'any method' : methods.join(',')} ${where}`;
    return `${paint('dim', plain(`${file}:${line}:${column}`))} ${paint(wider ? ['bold', 'red'] : 'green', kinds)}: ${plain(`${what}, for ${who}: ${says}`)}\n`;
  });
  return lines.join('');
}

export function summarizeChanges(changes: readonly LocatedChange[]): string {
  const wider = changes.filter((change) => change.wider).length;
  if (changes.length === 0) return 'ok: nothing opens, nothing closes';
  const counted = (count: number, verb: string) => `${count === 0 ? 'nothing' : `${count} change${count === 1 ? '' : 's'}`} ${verb}`;
  return `${counted(wider, wider === 1 || wider === 0 ? 'opens' : 'open')}, ${counted(changes.length - wider, changes.length - wider <= 1 ? 'closes' : 'close')}`;
}
