/** What a schema cannot say: every check of a configuration that needs nothing but the configuration and its files. */
import { aggregate } from './checks/aggregate.ts';
import { cache } from './checks/cache.ts';
import { callers } from './checks/callers.ts';
import { certificates } from './checks/certificates.ts';
import type { Check } from './checks/check.ts';
import { contracts } from './checks/contracts.ts';
import { cors } from './checks/cors.ts';
import { endpoints } from './checks/endpoints.ts';
import { exposure } from './checks/exposure.ts';
import { files } from './checks/files.ts';
import { filters } from './checks/filters.ts';
import { jwt } from './checks/jwt.ts';
import { listeners } from './checks/listeners.ts';
import { match } from './checks/match.ts';
import { ownPlaces } from './checks/own-places.ts';
import { ranges } from './checks/ranges.ts';
import { registration } from './checks/registration.ts';
import { registries } from './checks/registries.ts';
import { registry } from './checks/registry.ts';
import { resilience } from './checks/resilience.ts';
import { rewrite } from './checks/rewrite.ts';
import { routeNames } from './checks/route-names.ts';
import { scopes } from './checks/scopes.ts';
import { services } from './checks/services.ts';
import { split } from './checks/split.ts';
import { timers } from './checks/timers.ts';

const checks: readonly Check[] = [
  services,
  endpoints,
  registries,
  timers,
  resilience,
  routeNames,
  match,
  rewrite,
  split,
  aggregate,
  cache,
  filters,
  contracts,
  exposure,
  scopes,
  callers,
  ranges,
  certificates,
  jwt,
  cors,
  listeners,
  ownPlaces,
  registry,
  registration,
  files,
];

export const check: Check = (config, context) => checks.flatMap((one) => one(config, context));
