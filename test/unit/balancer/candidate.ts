/** An endpoint as balancers see it, of which a test says only what it is about. */
import type { Candidate, Placing } from '../../../core/balancer/balancer.ts';
import { PeakEwma } from '../../../core/endpoint/latency.ts';

/** Idle, never observed, of weight 1; `fullWeight` follows `weight`. */
export function aCandidate<Told extends Partial<Candidate> & Record<string, unknown>>(told: Told): Candidate & Told {
  return { id: '127.0.0.1:4001', weight: 1, fullWeight: told.weight ?? 1, inFlight: 0, latency: new PeakEwma(), ...told };
}

/** A try of which a balancer knows nothing. */
export const aTry: Placing = { now: 0, hashKey: undefined };
