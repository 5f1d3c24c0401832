/** A service as the admin port sees it, without one behind it. */
import type { ServiceView } from '../../../core/upstream/service-view.ts';
import { ServiceStatistics } from '../../../core/upstream/statistics.ts';

export function aService(name: string, parts: Partial<ServiceView> = {}): ServiceView {
  return {
    name,
    group: 'public-gateway',
    statistics: new ServiceStatistics(),
    breaker: { state: 'closed', health: () => ({ total: 0, errors: 0 }) },
    concurrency: { inFlight: 0, limit: 200, queued: 0 },
    settings: { requestVolume: 20, errorThreshold: 0.5, window: 10_000, sleepWindow: 5_000, attemptTimeout: 15_000, queue: 0 },
    endpoints: () => [],
    discovery: () => undefined,
    ...parts,
  };
}
