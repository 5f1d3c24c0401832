/** What a check is: from a loaded configuration to what is to be said of it. */
import type { Path, Remark } from '../finding.ts';
import type { Config } from '../schema/index.ts';

export interface CheckContext {
  /** Where relative file names begin. */
  readonly directory: string;
  /** Whether the value stands in the file, and is no default. */
  isGiven(path: Path): boolean;
  /** A text value as the file has it; the configuration may hold it converted. */
  written(path: Path): string | undefined;
}

export type Check = (config: Config, context: CheckContext) => Remark[];
