/** A candidate by chance, in proportion to its weight. */
import type { Random } from '../clock.ts';
import type { Balancer } from './balancer.ts';

export function random(chance: Random): Balancer {
  return (candidates) => {
    let total = 0;
    for (const candidate of candidates) total += candidate.weight;
    let mark = chance() * total;
    for (const candidate of candidates) {
      mark -= candidate.weight;
      if (mark < 0) return candidate;
    }
    return candidates.at(-1);
  };
}
