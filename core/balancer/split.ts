/** Which of several services gets a request: the first whose conditions hold, else one drawn by weight (`routes[].split`). */
import type { Random } from '../clock.ts';
import type { BranchConfig } from '../config/schema/index.ts';
import { compilePredicates } from '../routing/predicates.ts';
import type { RouteQuery } from '../routing/route-query.ts';
import { finish, fnv1a } from './hash.ts';

/** @param key by which a client is known again; undefined draws anew. @returns the name of a service */
export type Splitter = (query: RouteQuery, key: string | undefined, random: Random) => string;

/**
 * @param salt so that the clients who get the new service on one route are not those who get it on every other
 *
 * A key always draws the same lot; with a greater weight a service keeps the lots it had, if those before it keep theirs.
 */
export function compileSplit(branches: readonly BranchConfig[], salt: string): Splitter {
  const conditional = branches.flatMap(({ service, match }) =>
    match === undefined ? [] : [{ service, conditions: compilePredicates(match) }],
  );
  const total = branches.reduce((sum, { weight }) => sum + weight, 0);
  const state = fnv1a(salt);
  const last = branches.findLast(({ weight }) => weight > 0)?.service ?? '';
  return (query, key, random) => {
    for (const { service, conditions } of conditional) if (conditions.every((condition) => condition.holds(query))) return service;
    let lot = (key === undefined ? random() : finish(fnv1a(key, state)) / 2 ** 32) * total;
    for (const { service, weight } of branches) {
      if (lot < weight) return service;
      lot -= weight;
    }
    return last;
  };
}
