/** The power of two choices by tries under way for the weight. */
import type { Random } from '../clock.ts';
import type { Balancer, Candidate } from './balancer.ts';
import { twoChoices } from './two-choices.ts';

export function leastRequest(chance: Random): Balancer {
  return twoChoices(chance, load, 'tries under way for the weight');
}

function load({ inFlight, weight }: Candidate): number {
  return inFlight / weight;
}
