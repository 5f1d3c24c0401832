/** A candidate by chance, in proportion to its weight. */
import type { Random } from '../clock.ts';
import type { Balancer, Choose, Compared } from './balancer.ts';

export function random(chance: Random): Balancer {
  const choose: Choose = (candidates) => {
    let total = 0;
    for (const candidate of candidates) total += candidate.weight;
    let mark = chance() * total;
    for (const candidate of candidates) {
      mark -= candidate.weight;
      if (mark < 0) return candidate;
    }
    return candidates.at(-1);
  };
  return Object.assign(choose, { compared });
}

const compared: Compared = {
  what: () => 'weight',
  chooses: () => 'lot',
  better: () => 'higher',
  scores: (candidates) => candidates.map(({ weight }) => weight),
};
