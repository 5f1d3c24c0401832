/**
 * The arrangement that every benchmark here uses on a machine of two cores: the process that is measured has core 1 to
 * itself; the origin it calls and the program that calls it share core 0.
 *
 * A proxy of one core is the fairest thing to compare, for it is what is rented. Pinning it, with all its threads, keeps
 * a runtime from borrowing the second core for garbage collection or compilation. The origin is nginx and the generator is
 * wrk, because both cost a fraction of what any proxy here costs for the same request; so core 1 is full before core 0 is.
 * Whether it was is printed (`core`): below about 90 % the proxy was waiting for the other core, the request rate is then
 * a lower bound, and requests per second of the proxy's own processor time are the number to compare.
 */
import { availableParallelism, cpus, release } from 'node:os';

export const measuredCore = 1;
export const otherCore = 0;

export function describeMachine(): string {
  const model = cpus()[0]?.model.trim() ?? 'unknown processor';
  const cores = availableParallelism();
  if (cores < 2) throw new Error('these benchmarks need two cores: one for what is measured, one for all else');
  return (
    `${model}, ${cores} cores, Linux ${release()}, Node ${process.versions.node}; ` +
    `measured process on core ${measuredCore}, origin and load generator on core ${otherCore}`
  );
}
