/** Times a function that matches a path, over requests that differ from one call to the next. */
import { execFileSync } from 'node:child_process';
import { measuredCore } from './machine.ts';
import { median } from './statistics.ts';

export interface Matcher {
  name: string;
  requests: readonly { method: string; path: string }[];
  /** Whether it found a route. */
  match: (method: string, path: string) => boolean;
}

const callsPerSample = 20_000;

/** Nanoseconds a match, the median of the samples; the matchers are sampled in turn. */
export function nanosecondsPerMatch(matchers: readonly Matcher[], samples: number): Map<string, number> {
  execFileSync('taskset', ['-acp', String(measuredCore), String(process.pid)], { stdio: 'ignore' });
  const times = new Map<string, number[]>(matchers.map(({ name }) => [name, []]));
  const warming = 5;
  for (let sample = -warming; sample < samples; sample += 1) {
    for (const matcher of matchers) {
      const nanoseconds = time(matcher);
      if (sample >= 0) times.get(matcher.name)?.push(nanoseconds);
    }
  }
  return new Map([...times].map(([name, values]) => [name, median(values)]));
}

function time({ name, requests, match }: Matcher): number {
  let found = 0;
  let next = 0;
  const startedAt = process.hrtime.bigint();
  for (let call = 0; call < callsPerSample; call += 1) {
    const request = requests[next];
    next = next + 1 === requests.length ? 0 : next + 1;
    if (request !== undefined && match(request.method, request.path)) found += 1;
  }
  const elapsed = Number(process.hrtime.bigint() - startedAt);
  if (found !== callsPerSample) throw new Error(`${name} found ${found} of ${callsPerSample}`);
  return elapsed / callsPerSample;
}
