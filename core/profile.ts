/** What a gateway brings to the core: its name, its section of the configuration and its pipeline. */
import type { Config, GatewayConfig } from './config/schema/index.ts';
import type { Middleware } from './context.ts';
import type { PipelineParts } from './snapshot.ts';

export interface Profile {
  /** `service.name` in telemetry, the name in Via and Proxy-Status. */
  readonly name: 'public-gateway' | 'private-gateway';
  /** Its section of the configuration, and the key of `expose`. */
  readonly section: 'public' | 'private';
  /** Whether failures tell their cause and the service's name: never at the edge. */
  readonly tellsInternals: boolean;
  settings(config: Config): GatewayConfig;
  pipeline(parts: PipelineParts): Middleware[];
}
