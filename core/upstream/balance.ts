/** The layer that places a try: on an endpoint not tried yet when there is one. */
import type { Balancer } from '../balancer/balancer.ts';
import type { Endpoint } from '../endpoint/endpoint.ts';
import { Problem } from '../problem.ts';
import type { Layer } from './layer.ts';

export function balance(endpoints: readonly Endpoint[], choose: Balancer): Layer {
  return async (attempt, next) => {
    const tried = attempt.exchange.attempts.map((earlier) => earlier.endpoint);
    const fresh = attempt.number === 0 ? endpoints : endpoints.filter((endpoint) => !tried.includes(endpoint));
    const endpoint = choose(fresh.length > 0 ? fresh : endpoints);
    if (!endpoint) throw new Problem('no-endpoint');
    attempt.endpoint = endpoint;
    endpoint.inFlight += 1;
    const leave = () => {
      endpoint.inFlight -= 1;
    };
    try {
      const response = await next(attempt);
      response.whenDone(leave);
      return response;
    } catch (error) {
      leave();
      throw error;
    }
  };
}
