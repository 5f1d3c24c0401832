/**
 * Smooth weighted round robin: each candidate gains its weight at every turn, the richest is chosen and pays the total, so
 * that the turns of a heavy candidate are spread among the others'.
 */
import type { Balancer, Candidate, Choose, Compared } from './balancer.ts';

export function roundRobin(): Balancer {
  const credit = new WeakMap<Candidate, number>();
  const choose: Choose = (candidates) => {
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
  return Object.assign(choose, {
    compared: {
      what: () => 'credit with the next turn',
      chooses: () => 'one',
      better: () => 'higher',
      scores: (candidates) => candidates.map((candidate) => (credit.get(candidate) ?? 0) + candidate.weight),
    } satisfies Compared,
  });
}
