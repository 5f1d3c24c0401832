/**
 * The layer that places a try: on the endpoint that the client's cookie names, on the one that is due for its probe, or on the
 * balancer's choice among those available and not tried yet. It sees what each try comes to, and the endpoint learns of it.
 */
import type { Choose } from '../balancer/balancer.ts';
import { stickyValue, stuckTo } from '../balancer/sticky.ts';
import type { Clock } from '../clock.ts';
import type { Endpoint } from '../endpoint/endpoint.ts';
import type { OutlierDetector } from '../endpoint/outlier.ts';
import { asProblem, Problem } from '../problem.ts';
import { classify } from './classify.ts';
import { type Attempt, answeredAt } from './exchange.ts';
import { IDEMPOTENT } from './idempotent.ts';
import type { Layer } from './layer.ts';
import { preferred } from './placement.ts';
import { watch } from './watch.ts';

export interface BalanceParts {
  /** As they are now: the same array until one joins or leaves. */
  readonly endpoints: () => readonly Endpoint[];
  readonly choose: Choose;
  readonly detector: OutlierDetector<Endpoint>;
  /** The gateway's own. */
  readonly zone: string | undefined;
  /** The name of the sticky cookie. */
  readonly cookie: string | undefined;
  /** What a try without an answer counts for in an endpoint's latency, in milliseconds: as if it had taken all its time. */
  readonly failureCost: number;
  /** Milliseconds after which an endpoint that is due for its probe gets any request for it. */
  readonly probePatience: number;
  readonly clock: Clock;
}

export function balance({ endpoints, choose, detector, zone, cookie, failureCost, probePatience, clock }: BalanceParts): Layer {
  /** The one that the client's cookie names, while it is in the rotation; once more when only an old connection to it broke. */
  const keptBy = ({ exchange, number }: Attempt, offered: readonly Endpoint[], candidates: readonly Endpoint[]): Endpoint | undefined => {
    if (exchange.stuckTo === undefined) return undefined;
    const unharmed = exchange.attempts[number - 1]?.reusedConnection === true;
    return stuckTo<Endpoint>(unharmed ? offered : candidates, exchange.stuckTo);
  };

  return (attempt, next) => {
    const placedAt = clock.now();
    const { hashKey, method, body } = attempt.exchange;
    const present = endpoints();
    const offered = detector.offered(present);
    const candidates = attempt.number === 0 ? offered : untried(offered, attempt);
    const kept = keptBy(attempt, offered, candidates);
    // Before the balancer's choice; but no second try, which should succeed. A request that is lost with it, whose upload could
    // take long, or that belongs elsewhere is a probe only where no other has been for a while.
    const patience = IDEMPOTENT.has(method) && !body && !kept ? 0 : probePatience;
    const due = attempt.number === 0 && detector.ejected > 0 ? detector.due(placedAt - patience) : undefined;
    const probe = due !== undefined;
    if (due) detector.probe(due);
    const endpoint = due ?? kept ?? choose(preferred(candidates, present, zone), { now: placedAt, hashKey });
    if (!endpoint) return Promise.reject(new Problem('no-endpoint', { retryAfter: 1 }));
    attempt.endpoint = endpoint;
    endpoint.enter();
    const leave = () => endpoint.leave();
    return watch(
      attempt,
      next(attempt),
      (response) => {
        const now = answeredAt(attempt.exchange, clock);
        endpoint.latency.observe(now - placedAt, now);
        if (classify(response.status, undefined) === 'failure') detector.failure(endpoint, now, probe);
        else {
          detector.success(endpoint, now, probe);
          if (cookie !== undefined) stick(attempt, endpoint, cookie, response.headers);
        }
        response.whenDone(leave);
      },
      (error: unknown) => {
        leave();
        const now = clock.now();
        const problem = asProblem(error);
        // An old connection that was just closed says nothing of the endpoint (reconnect.ts).
        const closed = attempt.reusedConnection && problem.code === 'connection-terminated';
        if (closed || classify(undefined, problem) === 'ignored') {
          if (probe) detector.release(endpoint);
          return;
        }
        endpoint.latency.observe(failureCost, now);
        detector.failure(endpoint, now, probe);
      },
    );
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
