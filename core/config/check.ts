/** What a schema cannot say: every check of a loaded configuration that needs nothing but the configuration. */
import type { Remark } from './finding.ts';
import type { Config } from './schema/index.ts';

export interface CheckContext {
  /** Where relative file names begin. */
  readonly directory: string;
}

export type Check = (config: Config, context: CheckContext) => Remark[];

const checks: readonly Check[] = [];

export const check: Check = (config, context) => checks.flatMap((one) => one(config, context));
