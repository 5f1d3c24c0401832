/**
 * The power of two choices: of two candidates drawn by chance, the one with the lower load. Nearly as even as looking at all
 * of them, without their herding onto the one that looks idle.
 */
import type { Random } from '../clock.ts';
import type { Balancer, Candidate, Choose, Compared } from './balancer.ts';

/** `load` is any measure that is lower for the better one, at `now` on the clock; `what` names it. */
export function twoChoices(chance: Random, load: (candidate: Candidate, now: number) => number, what: string): Balancer {
  const choose: Choose = (candidates, { now }) => {
    if (candidates.length < 2) return candidates[0];
    const at = Math.floor(chance() * candidates.length);
    const offset = 1 + Math.floor(chance() * (candidates.length - 1));
    const one = candidates[at];
    const other = candidates[(at + offset) % candidates.length];
    if (!one || !other) return one ?? other;
    const [a, b] = [load(one, now), load(other, now)];
    // Equally loaded candidates share by weight.
    if (a === b) return chance() * (one.weight + other.weight) < one.weight ? one : other;
    return a < b ? one : other;
  };
  return Object.assign(choose, {
    compared: {
      what: () => what,
      chooses: () => 'two',
      better: () => 'lower',
      scores: (candidates, { now }) => candidates.map((candidate) => load(candidate, now)),
    } satisfies Compared,
  });
}
