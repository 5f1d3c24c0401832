/** What a comparison in rounds is printed as: one row a subject, with its ratio to one of them. */
import { type Measured, medianOf, valuesOf } from './rounds.ts';
import { medianRatio } from './statistics.ts';
import { printTable, shown } from './table.ts';

export interface Comparison {
  title: string;
  results: Map<string, Measured[]>;
  /** The ratios are of this one to each other one, or with `inverse` of each other one to this one. */
  of: string;
  inverse?: boolean;
}

/** Returns the number of failed requests: numbers of a run with any are not to be used. */
export function printComparison({ title, results, of, inverse = false }: Comparison): number {
  const reference = results.get(of);
  const ratio = (other: readonly Measured[], field: keyof Measured): string => {
    const [above, below] = inverse ? [other, reference] : [reference, other];
    return shown(medianRatio(valuesOf(above, field), valuesOf(below, field)), 2);
  };
  const label = inverse ? `/${of}` : `${of}/`;
  console.log(`\n${title}`);
  printTable(
    ['', 'requests/s', label, 'p50 ms', 'p99 ms', 'core', 'req/cpu-s', `${label} by cpu`, 'RSS MiB', 'errors'],
    [...results].map(([name, measured]) => [
      name,
      shown(medianOf(measured, 'requestsPerSecond')),
      reference === undefined || name === of ? '' : ratio(measured, 'requestsPerSecond'),
      shown(medianOf(measured, 'p50'), 2),
      shown(medianOf(measured, 'p99'), 2),
      `${shown(medianOf(measured, 'core') * 100)}%`,
      shown(medianOf(measured, 'requestsPerCpuSecond')),
      reference === undefined || name === of ? '' : ratio(measured, 'requestsPerCpuSecond'),
      shown(Math.max(...valuesOf(measured, 'residentMiB'))),
      shown(valuesOf(measured, 'errors').reduce((total, count) => total + count, 0)),
    ]),
  );
  return [...results.values()].flatMap((measured) => valuesOf(measured, 'errors')).reduce((a, b) => a + b, 0);
}
