/** The endpoints that a configuration names, and what its balancer goes by while none of them has been called. */
import type { Candidate } from '../balancer/balancer.ts';
import { balancers } from '../balancer/index.ts';
import { stuckTo } from '../balancer/sticky.ts';
import type { ServiceConfig } from '../config/schema/index.ts';
import { PeakEwma } from '../endpoint/latency.ts';
import { bestOf, type Placed, type Placement } from '../upstream/placement.ts';

type Configured = Candidate & { readonly zone: string | undefined };

/** Empty where they are found in a registry. */
export function configuredPlacement(service: ServiceConfig, asked: Placed, now: number): Placement {
  const { compared } = balancers[service.balancer](Math.random);
  const endpoints = (service.endpoints ?? []).map((given): Configured => {
    const { url, weight = 1, zone } = typeof given === 'string' ? { url: given } : given;
    return { id: new URL(url).host, weight, fullWeight: weight, inFlight: 0, latency: new PeakEwma(), zone };
  });
  const placing = { now, hashKey: asked.hashKey };
  const kept = asked.stuckTo === undefined ? undefined : stuckTo<Configured>(endpoints, asked.stuckTo);
  const scores = new Map(compared.scores(endpoints, placing).map((score, at) => [endpoints[at], score]));
  // Whose turn it is only a running gateway knows.
  const one = endpoints.length < 2 || (service.balancer === 'consistentHash' && compared.chooses(placing) === 'one');
  const only = kept ?? (one ? bestOf(endpoints, scores, compared.better(placing)) : undefined);
  return {
    balancer: service.balancer,
    compares: compared.what(placing),
    better: compared.better(placing),
    by: kept ? 'cookie' : endpoints.length > 0 ? 'balancer' : 'nobody',
    endpoints: endpoints.map((endpoint) => ({
      endpoint: endpoint.id,
      state: 'configured',
      weight: endpoint.weight,
      zone: endpoint.zone,
      score: scores.get(endpoint),
      chosen: only ? (endpoint === only ? 'yes' : 'no') : 'maybe',
    })),
  };
}
