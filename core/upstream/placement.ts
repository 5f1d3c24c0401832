/** Where a try would be placed, and by what (balance.ts): for who asks, not for who calls. */
import type { Balancer } from '../balancer/balancer.ts';
import { foremost } from '../balancer/priority.ts';
import { stuckTo } from '../balancer/sticky.ts';
import { preferZone } from '../balancer/zone.ts';
import type { Endpoint } from '../endpoint/endpoint.ts';
import type { OutlierDetector } from '../endpoint/outlier.ts';
import { IDEMPOTENT } from './idempotent.ts';

/** Of a request, what its place depends on. */
export interface Placed {
  readonly method: string;
  readonly hashKey: string | undefined;
  readonly stuckTo: string | undefined;
}

export interface Placement {
  readonly balancer: string;
  /** What the balancer compares, in words. */
  readonly compares: string;
  readonly better: 'higher' | 'lower';
  /** What places the try: the turn of one that is due for its probe, the client's cookie, the balancer; nobody, where nothing is there. */
  readonly by: 'probe' | 'cookie' | 'balancer' | 'nobody';
  readonly endpoints: readonly PlacedEndpoint[];
}

export interface PlacedEndpoint {
  /** `host:port`. */
  readonly endpoint: string;
  readonly state: 'available' | 'unhealthy' | 'ejected' | 'probing' | 'configured';
  /** With slow start, its share of now. */
  readonly weight: number;
  readonly zone?: string | undefined;
  readonly priority?: number;
  readonly inFlight?: number;
  /** What a round trip is feared to take; absent before the first. */
  readonly latencyMs?: number | undefined;
  /** Whether its share still grows. */
  readonly warming?: boolean;
  /** Absent of one that the balancer is not asked about, or that has more than its share. */
  readonly score?: number | undefined;
  /** `yes`: it gets the try; `maybe`: it may, by lot. */
  readonly chosen: 'yes' | 'maybe' | 'no';
  /** Why it is not among those that may be chosen. */
  readonly because?: string;
}

/** Of those that may be tried, those that the balancer chooses among. */
export function preferred(candidates: readonly Endpoint[], present: readonly Endpoint[], zone: string | undefined): readonly Endpoint[] {
  return preferZone(foremost(candidates), present, zone);
}

export interface PlacementParts {
  readonly endpoints: readonly Endpoint[];
  readonly choose: Pick<Balancer, 'compared'>;
  readonly detector: OutlierDetector<Endpoint>;
  readonly zone: string | undefined;
  readonly balancer: string;
  /** Milliseconds on the clock. */
  readonly now: number;
}

export function placementOf(asked: Placed, { endpoints, choose, detector, zone, balancer, now }: PlacementParts): Placement {
  const { compared } = choose;
  const placing = { now, hashKey: asked.hashKey };
  const offered = detector.wouldOffer(endpoints);
  const kept = asked.stuckTo === undefined ? undefined : stuckTo<Endpoint>(offered, asked.stuckTo);
  const due = detector.ejected > 0 && IDEMPOTENT.has(asked.method) && !kept ? detector.due(now) : undefined;
  const among = preferred(offered, endpoints, zone);
  const scores = new Map(compared.scores(among, placing).map((score, at) => [among[at], score]));
  const chooses = among.length < 2 ? 'one' : compared.chooses(placing);
  const best = chooses === 'one' ? bestOf(among, scores, compared.better(placing)) : undefined;
  const only = due ?? kept ?? best;
  return {
    balancer,
    compares: compared.what(placing),
    better: compared.better(placing),
    by: due ? 'probe' : kept ? 'cookie' : among.length > 0 ? 'balancer' : 'nobody',
    endpoints: endpoints.map((endpoint): PlacedEndpoint => {
      const { weight, fullWeight, priority, inFlight, latency } = endpoint;
      const because = !offered.includes(endpoint) ? 'it is out of the rotation' : among.includes(endpoint) ? undefined : 'others go first';
      const chosen = only ? (endpoint === only ? 'yes' : 'no') : because === undefined ? 'maybe' : 'no';
      const latencyMs = latency.cost(now);
      return {
        endpoint: endpoint.authority,
        state: stateOf(endpoint),
        weight,
        zone: endpoint.zone,
        priority,
        inFlight,
        latencyMs: latencyMs === undefined ? undefined : Math.round(latencyMs * 1000) / 1000,
        warming: weight < fullWeight,
        score: scores.get(endpoint),
        chosen,
        ...(because === undefined ? {} : { because }),
      };
    }),
  };
}

function stateOf({ healthy, outlier }: Endpoint): PlacedEndpoint['state'] {
  if (!healthy) return 'unhealthy';
  return outlier.state.is;
}

export function bestOf<T>(
  among: readonly T[],
  scores: ReadonlyMap<T | undefined, number | undefined>,
  better: 'higher' | 'lower',
): T | undefined {
  const sign = better === 'higher' ? 1 : -1;
  let best: T | undefined;
  for (const one of among) {
    const score = scores.get(one);
    const highest = scores.get(best);
    if (score !== undefined && (best === undefined || highest === undefined || sign * score > sign * highest)) best = one;
  }
  return best;
}
