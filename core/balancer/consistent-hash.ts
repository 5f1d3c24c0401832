/** Consistent hashing with bounded loads: requests of one key go to one endpoint, unless that has more than its share. */
import type { Random } from '../clock.ts';
import type { Balancer, Candidate, Choose, Compared, Placing } from './balancer.ts';
import { finish, fnv1a } from './hash.ts';
import { leastRequest } from './least-request.ts';

/** How much more than its fair share of the tries under way an endpoint may have: a favourite key does not drown it. */
const LOAD_FACTOR = 1.25;

/**
 * Each key ranks the endpoints (weighted rendezvous hashing: Thaler and Ravishankar 1998; Schindelhauer and Schomaker 2005),
 * and the first below its bound gets the request: at most `ceil(1.25 * share of all in flight, this one included)`
 * (Mirrokni, Thorup and Zadimoghaddam, "Consistent Hashing with Bounded Loads", 2018). There is no ring to rebuild: an
 * endpoint that leaves loses exactly its keys, one that joins takes exactly those it now comes first for.
 *
 * Keys are ranked by the configured weight, so that none moves twice while an endpoint warms up; the bound goes by the weight
 * of now, so that of its keys it serves only as many as it should, and their second choices the rest.
 *
 * Requests without a key go by leastRequest.
 */
export function consistentHash(chance: Random): Balancer {
  const keyless = leastRequest(chance);
  const choose: Choose = (candidates, placing) => {
    if (placing.hashKey === undefined) return keyless(candidates, placing);
    const share = shareOf(candidates);
    const key = fnv1a(placing.hashKey);
    let chosen: (typeof candidates)[number] | undefined;
    let highest = 0;
    for (const candidate of candidates) {
      if (hasMore(candidate, share)) continue;
      const score = rank(key, candidate);
      if (score > highest) [chosen, highest] = [candidate, score];
    }
    return chosen;
  };
  const of = ({ hashKey }: Placing) => (hashKey === undefined ? keyless.compared : ranked);
  return Object.assign(choose, {
    compared: {
      what: (placing) => (placing.hashKey === undefined ? `${keyless.compared.what(placing)}, for there is no key` : 'rank for the key'),
      chooses: (placing) => (placing.hashKey === undefined ? keyless.compared.chooses(placing) : 'one'),
      better: (placing) => (placing.hashKey === undefined ? keyless.compared.better(placing) : 'higher'),
      scores: (candidates, placing) => of(placing).scores(candidates, placing),
    } satisfies Compared,
  });
}

const ranked: Pick<Compared, 'scores'> = {
  scores(candidates, { hashKey = '' }) {
    const share = shareOf(candidates);
    const key = fnv1a(hashKey);
    return candidates.map((candidate) => (hasMore(candidate, share) ? undefined : rank(key, candidate)));
  },
};

interface Share {
  readonly bound: number;
  readonly weight: number;
}

/** Everybody at the bound at once is more than there are: somebody is always below. */
function shareOf(candidates: readonly Candidate[]): Share {
  let inFlight = 1;
  let weight = 0;
  for (const candidate of candidates) {
    inFlight += candidate.inFlight;
    weight += candidate.weight;
  }
  return { bound: LOAD_FACTOR * inFlight, weight };
}

/** Multiplied out, which is exact for whole weights. */
const hasMore = (candidate: Candidate, { bound, weight }: Share): boolean => candidate.inFlight * weight >= bound * candidate.weight;

/** Positive; the highest of all with a probability in proportion to the weight. */
function rank(key: number, { id, fullWeight }: Candidate): number {
  const uniform = (finish(fnv1a(id, key)) + 0.5) / 2 ** 32;
  return -fullWeight / Math.log(uniform);
}
