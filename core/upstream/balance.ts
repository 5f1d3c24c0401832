/**
 * The layer that places a try: on the endpoint that is due for its probe, on the one that the client's cookie names, or on the
 * balancer's choice among those available and not tried yet. It sees what each try comes to, and the endpoint learns of it.
 */
import type { Balancer } from '../balancer/balancer.ts';
import { foremost } from '../balancer/priority.ts';
import { stickyValue, stuckTo } from '../balancer/sticky.ts';
import { preferZone } from '../balancer/zone.ts';
import type { Clock } from '../clock.ts';
import type { Endpoint } from '../endpoint/endpoint.ts';
import type { OutlierDetector } from '../endpoint/outlier.ts';
import { asProblem, Problem } from '../problem.ts';
import { classify } from './classify.ts';
import type { Attempt } from './exchange.ts';
import type { Layer } from './layer.ts';

export interface BalanceParts {
  /** As they are now: the same array until one joins or leaves. */
  readonly endpoints: () => readonly Endpoint[];
  readonly choose: Balancer;
  readonly detector: OutlierDetector<Endpoint>;
  /** The gateway's own. */
  readonly zone: string | undefined;
  /** The name of the sticky cookie. */
  readonly cookie: string | undefined;
  /** What a failure counts for in an endpoint's latency, in milliseconds: as if it had taken all its time. */
  readonly failureCost: number;
  readonly clock: Clock;
}

export function balance({ endpoints, choose, detector, zone, cookie, failureCost, clock }: BalanceParts): Layer {
  const place = (attempt: Attempt, now: number): Endpoint | undefined => {
    const { exchange } = attempt;
    const present = endpoints();
    const offered = detector.offered(present);
    const candidates = attempt.number === 0 ? offered : untried(offered, attempt);
    const kept = exchange.stuckTo === undefined ? undefined : stuckTo<Endpoint>(candidates, exchange.stuckTo);
    return kept ?? choose(preferZone(foremost(candidates), present, zone), { now, hashKey: exchange.hashKey });
  };

  return (attempt, next) => {
    const placedAt = clock.now();
    // Before all choice, but no second try: that one should succeed.
    const due = attempt.number === 0 && detector.ejected > 0 ? detector.due(placedAt) : undefined;
    const probe = due !== undefined;
    if (due) detector.probe(due);
    const endpoint = due ?? place(attempt, placedAt);
    if (!endpoint) return Promise.reject(new Problem('no-endpoint', { retryAfter: 1 }));
    attempt.endpoint = endpoint;
    endpoint.enter();
    const leave = () => endpoint.leave();
    const answer = next(attempt);
    answer.then(
      (response) => {
        const now = clock.now();
        const failed = response.status >= 500;
        endpoint.latency.observe(failed ? failureCost : now - placedAt, now);
        if (failed) detector.failure(endpoint, now, probe);
        else detector.success(endpoint, now, probe);
        if (cookie !== undefined) stick(attempt, endpoint, cookie, response.headers);
        response.whenDone(leave);
      },
      (error: unknown) => {
        leave();
        const now = clock.now();
        if (classify(undefined, asProblem(error)) === 'ignored') {
          if (probe) detector.release(endpoint);
          return;
        }
        endpoint.latency.observe(failureCost, now);
        detector.failure(endpoint, now, probe);
      },
    );
    return answer;
  };
}

/** The endpoints not tried yet, or all of them when there is none. */
function untried(endpoints: readonly Endpoint[], { exchange }: Attempt): readonly Endpoint[] {
  const tried = exchange.attempts.map((attempt) => attempt.endpoint);
  const left = endpoints.filter((endpoint) => !tried.includes(endpoint));
  return left.length > 0 ? left : endpoints;
}

/** For the session of the browser; out of reach of scripts, and of other sites' forms. */
function stick({ exchange }: Attempt, { id }: Endpoint, cookie: string, headers: string[]): void {
  const value = stickyValue(id);
  if (exchange.stuckTo === value) return;
  headers.push('Set-Cookie', `${cookie}=${value}; Path=/; HttpOnly; SameSite=Lax${exchange.scheme === 'https' ? '; Secure' : ''}`);
}
