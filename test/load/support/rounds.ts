/**
 * Runs the same load on several subjects in turn, round after round, each round starting with another one; so the
 * machine's good and bad minutes fall on all of them.
 */
import { cpuSeconds, residentMiB } from './resources.ts';
import { median } from './statistics.ts';
import { type Load, type LoadResult, load } from './wrk.ts';

export interface Subject {
  name: string;
  url: string;
  pid: number;
  headers?: Record<string, string>;
  script?: string;
}

export interface Measured extends LoadResult {
  /** Share of the measured core that the process used. */
  core: number;
  requestsPerCpuSecond: number;
  residentMiB: number;
}

export interface RoundsOptions {
  rounds: number;
  seconds: number;
  connections: number;
  /** Before the first round, for compilation and connections; not counted. */
  warmSeconds: number;
  path: string;
}

export async function inRounds(subjects: readonly Subject[], options: RoundsOptions): Promise<Map<string, Measured[]>> {
  const results = new Map<string, Measured[]>(subjects.map(({ name }) => [name, []]));
  for (const subject of subjects) await load(loadOf(subject, options, options.warmSeconds));
  for (let round = 0; round < options.rounds; round += 1) {
    const first = round % subjects.length;
    for (const subject of [...subjects.slice(first), ...subjects.slice(0, first)]) {
      results.get(subject.name)?.push(await measure(subject, options));
    }
  }
  return results;
}

async function measure(subject: Subject, options: RoundsOptions): Promise<Measured> {
  const usedBefore = cpuSeconds(subject.pid);
  const startedAt = performance.now();
  const result = await load(loadOf(subject, options, options.seconds));
  const elapsed = (performance.now() - startedAt) / 1000;
  const used = cpuSeconds(subject.pid) - usedBefore;
  return {
    ...result,
    core: used / elapsed,
    requestsPerCpuSecond: result.requests / used,
    residentMiB: residentMiB(subject.pid),
  };
}

function loadOf({ url, headers, script }: Subject, { path, connections }: RoundsOptions, seconds: number): Load {
  return {
    url: url + path,
    seconds,
    connections,
    ...(headers === undefined ? {} : { headers }),
    ...(script === undefined ? {} : { script }),
  };
}

export function medianOf(results: readonly Measured[] | undefined, field: keyof Measured): number {
  return median(valuesOf(results, field));
}

export function valuesOf(results: readonly Measured[] | undefined, field: keyof Measured): number[] {
  return (results ?? []).map((result) => result[field]);
}
