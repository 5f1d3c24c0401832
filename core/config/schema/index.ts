/**
 * The one schema of the configuration: types, JSON Schema, defaults and the reference in the README all come from here.
 * A value with a unit is a string in the file and a plain number in `Config` (see scalars.ts).
 */
import Type, { type Static } from 'typebox';
import { FilterSettings } from './filters.ts';
import { Private, Public } from './gateways.ts';
import { Registry } from './registry.ts';
import { Routes } from './routes.ts';
import { Services } from './services.ts';
import { Telemetry } from './telemetry.ts';

export const ConfigSchema = Type.Object(
  {
    services: Services,
    routes: Routes,
    public: Public,
    private: Private,
    registry: Registry,
    state: Type.String({
      format: 'state',
      default: 'memory',
      description:
        'Where instances of a gateway count what they limit: `memory`, each for itself, or together in a Redis, `redis://user:password@host:6379/0` (`rediss://` is TLS). Changes at run time are in this file, and shared with it.',
    }),
    filters: FilterSettings,
    telemetry: Telemetry,
  },
  { additionalProperties: false },
);

/** A loaded configuration: defaults filled in, units converted, frozen. */
export type Config = Static<typeof ConfigSchema>;

export type { AggregateConfig, PartConfig } from './aggregate.ts';
export type { GatewayCacheConfig, RouteCacheConfig } from './cache.ts';
export type { ValidateConfig, ValidationMode } from './contract.ts';
export type { CorsConfig } from './cors.ts';
export type { BuiltInName, BuiltInOptions, FilterEntry, FilterSettings } from './filters.ts';
export type {
  CallerConfig,
  DrainConfig,
  GatewayConfig,
  LimitsConfig,
  OverloadConfig,
  PrivateConfig,
  PublicConfig,
  RegisterConfig,
} from './gateways.ts';
export type { HashOn } from './hash-on.ts';
export type { JwtConfig } from './jwt.ts';
export type { EmbeddedRegistryConfig, KubernetesConfig, RegistryConfig, RegistryName } from './registry.ts';
export type {
  CircuitBreakerConfig,
  ConcurrencyConfig,
  HealthCheckConfig,
  OutlierConfig,
  RetryConfig,
} from './resilience.ts';
export type { FallbackConfig, MatchConfig, Priority, PrivateExposure, PublicExposure, RewriteConfig, RouteConfig } from './routes.ts';
export type { Rate } from './scalars.ts';

export type { ServiceConfig, Timeouts } from './services.ts';
export type { BranchConfig } from './split.ts';
export type { TelemetryConfig } from './telemetry.ts';
