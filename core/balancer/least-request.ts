/**
 * The power of two choices: of two candidates drawn by chance, the one with fewer tries under way for its weight. Nearly as
 * even as looking at all of them, without their herding onto the one that looks idle.
 */
import type { Random } from '../clock.ts';
import type { Balancer, Candidate } from './balancer.ts';

export function leastRequest(chance: Random): Balancer {
  return (candidates) => {
    if (candidates.length < 2) return candidates[0];
    const at = Math.floor(chance() * candidates.length);
    const offset = 1 + Math.floor(chance() * (candidates.length - 1));
    const one = candidates[at];
    const other = candidates[(at + offset) % candidates.length];
    if (!one || !other) return one ?? other;
    const [a, b] = [load(one), load(other)];
    // Equally loaded candidates share by weight.
    if (a === b) return chance() * (one.weight + other.weight) < one.weight ? one : other;
    return a < b ? one : other;
  };
}

function load({ inFlight, weight }: Candidate): number {
  return inFlight / weight;
}
