/** The layer that places a try: on an endpoint not tried yet when there is one. */
import type { Balancer } from '../balancer/balancer.ts';
import type { Endpoint } from '../endpoint/endpoint.ts';
import { Problem } from '../problem.ts';
import type { Attempt } from './exchange.ts';
import type { Layer } from './layer.ts';

export function balance(endpoints: readonly Endpoint[], choose: Balancer): Layer {
  return (attempt, next) => {
    const endpoint = choose(attempt.number === 0 ? endpoints : untried(endpoints, attempt));
    if (!endpoint) return Promise.reject(new Problem('no-endpoint'));
    attempt.endpoint = endpoint;
    endpoint.inFlight += 1;
    const leave = () => {
      endpoint.inFlight -= 1;
    };
    const answer = next(attempt);
    answer.then((response) => response.whenDone(leave), leave);
    return answer;
  };
}

/** The endpoints not tried yet, or all of them when there is none. */
function untried(endpoints: readonly Endpoint[], { exchange }: Attempt): readonly Endpoint[] {
  const tried = exchange.attempts.map((attempt) => attempt.endpoint);
  const left = endpoints.filter((endpoint) => !tried.includes(endpoint));
  return left.length > 0 ? left : endpoints;
}
