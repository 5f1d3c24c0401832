/** The applications of Spring Cloud Netflix that install.sh builds, as their users run them. */
import { join } from 'node:path';
import type { Bench } from '../support/bench.ts';
import type { Program } from '../support/program.ts';

/** Starts one, on loopback. @param options as Spring's command line has them */
export function startSpring(bench: Bench, part: 'server' | 'service', options: Readonly<Record<string, string | number>>): Program {
  const run = join(import.meta.dirname, `../.cache/eureka-${part}/run/eureka-${part}`);
  // Small, and quick to start rather than quick.
  const java = ['-Xmx128m', '-Xss512k', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', `-XX:SharedArchiveFile=${run}.jsa`];
  const args = Object.entries(options).map(([name, value]) => `--${name}=${value}`);
  return bench.start('java', [...java, '-jar', `${run}.jar`, ...args]);
}
