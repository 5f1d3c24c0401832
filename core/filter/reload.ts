/** Loads users' filters anew while requests run: each request keeps the filters it began with; what will not do changes nothing. */
import { formatFinding } from '../config/finding.ts';
import type { LoadedConfig } from '../config/load.ts';
import type { Logger } from '../telemetry/logger.ts';
import { findingsOf } from './check.ts';
import type { FilterModules } from './modules.ts';

export interface ReloadParts {
  readonly modules: FilterModules;
  readonly loaded: LoadedConfig;
  readonly logger: Logger;
}

/** @returns loads them; one call waits for the one before. Resolves with whether all will do */
export function reloadFilters({ modules, loaded, logger }: ReloadParts): () => Promise<boolean> {
  let last: Promise<boolean> = Promise.resolve(true);
  const reload = async (): Promise<boolean> => {
    const before = modules.version;
    const faults = await modules.reload((results) => findingsOf(loaded, results));
    if (faults.length > 0) logger.error({ event: 'filters-kept', faults: faults.map(formatFinding) });
    else if (modules.version !== before) logger.info({ event: 'filters-reloaded', files: modules.files.length });
    return faults.length === 0;
  };
  return () => {
    last = last.then(reload, reload);
    return last;
  };
}
