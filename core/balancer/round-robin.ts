/**
 * Smooth weighted round robin: each candidate gains its weight at every turn, the richest is chosen and pays the total, so
 * that the turns of a heavy candidate are spread among the others'.
 */
import type { Balancer, Candidate } from './balancer.ts';

export function roundRobin(): Balancer {
  const credit = new WeakMap<Candidate, number>();
  return (candidates) => {
    let chosen = candidates[0];
    let highest = Number.NEGATIVE_INFINITY;
    let total = 0;
    for (const candidate of candidates) {
      const now = (credit.get(candidate) ?? 0) + candidate.weight;
      credit.set(candidate, now);
      total += candidate.weight;
      if (now > highest) [chosen, highest] = [candidate, now];
    }
    if (chosen) credit.set(chosen, highest - total);
    return chosen;
  };
}
