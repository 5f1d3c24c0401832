/** What a gateway brings to the core: its name, its section of the configuration and its pipeline. */
import type { Store } from './cache/store.ts';
import type { Clock, Random } from './clock.ts';
import type { Config, GatewayConfig } from './config/schema/index.ts';
import type { Middleware } from './context.ts';
import type { Contracts } from './contract/contracts.ts';
import type { ExplainParts } from './explain/parts.ts';
import type { Step } from './explain/step.ts';
import type { FilterModules } from './filter/modules.ts';
import type { Holds } from './holds.ts';
import type { Limiters } from './middleware/rate-limiters.ts';
import type { RecentRequests } from './middleware/recent-requests.ts';
import type { RouteTable } from './routing/table.ts';
import type { Log } from './telemetry/logger.ts';
import type { Pressure } from './telemetry/pressure.ts';
import type { Telemetry } from './telemetry/sdk.ts';
import type { Statistics } from './telemetry/statistics.ts';
import type { Service } from './upstream/service.ts';

/** What outlives every snapshot. */
export interface Surroundings {
  readonly telemetry: Telemetry;
  readonly statistics: Statistics;
  readonly log: Pick<Log, 'logger' | 'request'>;
  readonly clock: Clock;
  readonly random: Random;
  /** How hard-pressed the process is. */
  readonly pressure: Pick<Pressure, 'level'>;
  /** The answers that routes with a cache have stored. */
  readonly store: Store;
  /** The requests that were refused or failed lately. */
  readonly recent: RecentRequests;
}

/** What a gateway's pipeline is made from. */
export interface PipelineParts extends Surroundings, Pick<Profile, 'name' | 'tellsInternals'> {
  /** Of the configuration. */
  readonly revision: string;
  readonly config: Config;
  /** The folder of the configuration file, which the paths in it are relative to. */
  readonly directory: string;
  /** The routes that this gateway exposes, and no others. */
  readonly table: RouteTable;
  readonly services: ReadonlyMap<string, Service>;
  /** The filters that users wrote. */
  readonly filterModules: FilterModules;
  /** Of the services that have one. */
  readonly contracts: Contracts;
  /** What was counted of policies that are in the configuration before as well goes on. */
  readonly limiters: Limiters;
  /** Held by what goes on behind the answer to a request. */
  readonly holds: Holds;
  /** The document of what this gateway exposes, as JSON. */
  openapi(): string;
}

export interface Profile {
  /** `service.name` in telemetry, the name in Via and Proxy-Status. */
  readonly name: 'public-gateway' | 'private-gateway';
  /** Its section of the configuration, and the key of `expose`. */
  readonly section: 'public' | 'private';
  /** Whether failures tell their cause and the service's name: never at the edge. */
  readonly tellsInternals: boolean;
  settings(config: Config): GatewayConfig;
  /** The addresses whose services may use the embedded registry, which a gateway without this does not run. */
  registrants?(config: Config): readonly string[];
  /** Makes the pipeline of each snapshot; what outlives pipelines (keys, tokens) is kept between them. */
  pipelines(surroundings: Surroundings): (parts: PipelineParts) => Middleware[];
  /** The steps of the pipeline, in its order, for who asks what they would do. */
  explain(parts: ExplainParts): readonly Step[];
}
