/** What a schema cannot say: every check of a configuration that needs nothing but the configuration and its files. */
import { callers } from './checks/callers.ts';
import { certificates } from './checks/certificates.ts';
import { cors } from './checks/cors.ts';
import { endpoints } from './checks/endpoints.ts';
import { exposure } from './checks/exposure.ts';
import { files } from './checks/files.ts';
import { jwt } from './checks/jwt.ts';
import { listeners } from './checks/listeners.ts';
import { match } from './checks/match.ts';
import { ranges } from './checks/ranges.ts';
import { rewrite } from './checks/rewrite.ts';
import { routeNames } from './checks/route-names.ts';
import { scopes } from './checks/scopes.ts';
import { services } from './checks/services.ts';
import { timers } from './checks/timers.ts';
import type { Path, Remark } from './finding.ts';
import type { Config } from './schema/index.ts';

export interface CheckContext {
  /** Where relative file names begin. */
  readonly directory: string;
  /** Whether the value stands in the file, and is no default. */
  isGiven(path: Path): boolean;
  /** A text value as the file has it; the configuration may hold it converted. */
  written(path: Path): string | undefined;
}

export type Check = (config: Config, context: CheckContext) => Remark[];

const checks: readonly Check[] = [
  services,
  endpoints,
  timers,
  routeNames,
  match,
  rewrite,
  exposure,
  scopes,
  callers,
  ranges,
  certificates,
  jwt,
  cors,
  listeners,
  files,
];

export const check: Check = (config, context) => checks.flatMap((one) => one(config, context));
