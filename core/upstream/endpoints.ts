/** The endpoints of a service, and the three that judge them: active checks, outlier ejection, and whoever reads the log. */
import type { Clock, Random } from '../clock.ts';
import type { ServiceConfig } from '../config/schema/index.ts';
import { Endpoint, endpointUrl } from '../endpoint/endpoint.ts';
import { startHealthCheck } from '../endpoint/health-check.ts';
import { OutlierDetector } from '../endpoint/outlier.ts';
import type { Instruments } from '../telemetry/instruments.ts';
import type { Logger } from '../telemetry/logger.ts';

export interface Endpoints {
  readonly endpoints: readonly Endpoint[];
  readonly detector: OutlierDetector<Endpoint>;
  /** Each by its address, and whether it is in the rotation. */
  availability(): readonly { readonly id: string; readonly available: boolean }[];
  /** Closes connections once the tries under way are done, and asks nobody any more. */
  close(): Promise<void>;
}

export interface EndpointsParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly instruments: Instruments;
  readonly logger: Logger;
}

export function createEndpoints(service: string, config: ServiceConfig, { clock, random, instruments, logger }: EndpointsParts): Endpoints {
  const endpoints = config.endpoints.map((given) => {
    const { url, weight = 1, zone } = typeof given === 'string' ? { url: given } : given;
    const { connect: connectTimeout } = config.timeouts;
    return new Endpoint({ url: endpointUrl(url), weight, zone, connectTimeout, slowStart: config.slowStart ?? 0, clock });
  });
  const labels = { 'gateway.service.name': service };
  const detector = new OutlierDetector<Endpoint>(config.outlier, {
    onEjected({ id }, duration, reason) {
      instruments.endpointEjections.add(1, labels);
      logger.warn({ event: 'endpoint-ejected', service, endpoint: id, reason, forMs: duration });
    },
    onPanic: (panics, available) =>
      logger[panics ? 'warn' : 'info']({ event: 'endpoint-panic', service, panics, available, endpoints: endpoints.length }),
    onReturned: ({ id }) => logger.info({ event: 'endpoint-returned', service, endpoint: id }),
  });
  detector.watch(endpoints, clock.now());

  const check = config.healthCheck;
  const checks = endpoints.map((endpoint) => {
    if (!check) return undefined;
    const onChange = (healthy: boolean, why: string) => {
      endpoint.healthy = healthy;
      // It comes back as one that is new.
      if (healthy) endpoint.outlier.availableSince = clock.now();
      logger[healthy ? 'info' : 'warn']({ event: 'endpoint-health', service, endpoint: endpoint.id, healthy, why });
    };
    return startHealthCheck(endpoint, check, { clock, random, onChange });
  });

  return {
    endpoints,
    detector,
    availability: () => endpoints,
    async close() {
      for (const running of checks) running?.stop();
      await Promise.all(endpoints.map((endpoint) => endpoint.close()));
    },
  };
}
