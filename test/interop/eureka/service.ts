/** A service as Spring teams write it: spring-cloud-starter-netflix-eureka-client, and nothing of the gateways. */
import type { Bench } from '../support/bench.ts';
import type { Program } from '../support/program.ts';
import { startSpring } from './spring.ts';

export interface SpringService {
  readonly app: string;
  readonly id: string;
  readonly metadata?: Readonly<Record<string, string | number>>;
}

/** Starts it on a port that the system chooses and it registers; does not wait. @param registry e.g. `http://127.0.0.1:8761/eureka` */
export function startService(bench: Bench, registry: string, { app, id, metadata = {} }: SpringService): Program {
  return startSpring(bench, 'service', {
    'server.port': 0,
    'spring.application.name': app,
    'eureka.instance.instance-id': id,
    'eureka.client.service-url.defaultZone': `${registry}/`,
    ...Object.fromEntries(Object.entries(metadata).map(([name, value]) => [`eureka.instance.metadata-map.${name}`, value])),
  });
}
