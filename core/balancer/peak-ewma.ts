/** The power of two choices by how slow endpoints have been, times the tries under way for the weight. */
import type { Random } from '../clock.ts';
import type { Balancer, Candidate } from './balancer.ts';
import { twoChoices } from './two-choices.ts';

/**
 * Milliseconds below which one endpoint is as fast as another. Without it one that was slow and then had no traffic for some
 * minutes would seem free, and get all requests of a burst until its first answer.
 */
const NOISE = 1;

/** Of an endpoint with tries under way and no answer yet: more than any that has answered. Finagle's penalty. */
const UNKNOWN = 1e9;

export function peakEwma(chance: Random): Balancer {
  return twoChoices(chance, load, 'milliseconds feared, times the tries under way for the weight');
}

function load({ latency, inFlight, weight }: Candidate, now: number): number {
  const cost = latency.cost(now);
  if (cost !== undefined) return (Math.max(cost, NOISE) * (inFlight + 1)) / weight;
  // The first to come tries it; who comes next waits for what that tells.
  return inFlight === 0 ? 0 : (UNKNOWN * (inFlight + 1)) / weight;
}
