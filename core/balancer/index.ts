/** Every balancer by the name that configurations use. Adding one is a file, a name in the schema and a line here. */
import type { Random } from '../clock.ts';
import type { BalancerName } from '../config/schema/balancers.ts';
import type { Balancer } from './balancer.ts';
import { consistentHash } from './consistent-hash.ts';
import { leastRequest } from './least-request.ts';
import { peakEwma } from './peak-ewma.ts';
import { random } from './random.ts';
import { roundRobin } from './round-robin.ts';

export const balancers: Readonly<Record<BalancerName, (chance: Random) => Balancer>> = {
  roundRobin,
  random,
  leastRequest,
  peakEwma,
  consistentHash,
};
