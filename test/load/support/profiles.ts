/** Reads what `node --cpu-prof` wrote: the processor time of each function itself, without what it called. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './node.ts';

interface CpuProfile {
  nodes: { id: number; callFrame: { functionName: string; url: string; lineNumber: number } }[];
  samples: number[];
  timeDeltas: number[];
}

export interface Profile {
  /** Microseconds by `function file:line`, and by the package or directory the file is in; idle time left out. */
  byFunction: Map<string, number>;
  byPlace: Map<string, number>;
  total: number;
}

/** `after`: the seconds at the start that are left out, when the program was still being compiled. */
export function readProfile(directory: string, after: number): Profile {
  const file = readdirSync(directory).find((name) => name.endsWith('.cpuprofile'));
  if (file === undefined) throw new Error(`no profile in ${directory}: the process did not end by itself`);
  const raw: CpuProfile = JSON.parse(readFileSync(join(directory, file), 'utf8'));
  const frames = new Map(raw.nodes.map(({ id, callFrame }) => [id, callFrame]));
  const profile: Profile = { byFunction: new Map(), byPlace: new Map(), total: 0 };
  let elapsed = 0;
  for (const [index, id] of raw.samples.entries()) {
    const time = raw.timeDeltas[index] ?? 0;
    elapsed += time;
    const frame = frames.get(id);
    if (frame === undefined || frame.functionName === '(idle)' || elapsed < after * 1e6) continue;
    const where = placeOf(frame.url);
    const name = frame.functionName === '' ? '(anonymous)' : frame.functionName;
    add(profile.byFunction, frame.url === '' ? name : `${name} ${shortened(frame.url)}:${frame.lineNumber + 1}`, time);
    add(profile.byPlace, frame.url === '' ? (name.startsWith('(') ? name : '(native functions)') : where, time);
    profile.total += time;
  }
  return profile;
}

/** The largest first, with their share. */
export function largest(times: Map<string, number>, total: number, count: number): [name: string, share: number][] {
  return [...times]
    .sort(([, a], [, b]) => b - a)
    .slice(0, count)
    .map(([name, time]) => [name, time / total]);
}

function add(times: Map<string, number>, key: string, time: number): void {
  times.set(key, (times.get(key) ?? 0) + time);
}

function shortened(url: string): string {
  return url.replace(`file://${root}`, '').replace(/^.*node_modules\//, '');
}

/** A package, a module of Node, or a directory of this repository. */
function placeOf(url: string): string {
  const short = shortened(url);
  if (url.includes('node_modules/'))
    return short
      .split('/')
      .slice(0, short.startsWith('@') ? 2 : 1)
      .join('/');
  return short.startsWith('node:') ? short.split('/').slice(0, 2).join('/') : short.split('/').slice(0, -1).join('/');
}
