/** Ends what was counted of what is no more: names come and go for as long as a gateway runs, and each would be told of for ever. */
import type { Instruments } from './instruments.ts';

export function forgetService(instruments: Instruments, service: string): void {
  const { clientDuration, retryAttempts, breakerTransitions, concurrencyRejected, endpointEjections } = instruments;
  for (const one of [clientDuration, retryAttempts, breakerTransitions, concurrencyRejected, endpointEjections])
    one.drop({ 'gateway.service.name': service });
}

export type OfRoutes = Pick<Instruments, 'serverDuration' | 'cacheRequests' | 'contractViolations' | 'rateLimitRequests'>;

export function forgetRoute({ serverDuration, cacheRequests, contractViolations, rateLimitRequests }: OfRoutes, route: string): void {
  for (const one of [serverDuration, cacheRequests, contractViolations]) one.drop({ 'gateway.route.id': route });
  rateLimitRequests.drop({ policy: route });
}
