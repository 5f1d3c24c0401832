/** A configuration built beside the one in force, down to the last certificate: what can be wrong with it is wrong before it is used. */
import { setImmediate as others } from 'node:timers/promises';
import { createSecureContext } from 'node:tls';
import { isDeepStrictEqual } from 'node:util';
import { parseChecked } from '../check/routes.ts';
import { ConfigError, ofWhole } from '../config/finding.ts';
import type { LoadedConfig } from '../config/load.ts';
import { loadFilters } from '../filter/check.ts';
import type { FilterModules } from '../filter/modules.ts';
import type { Profile } from '../profile.ts';
import { readTls, type TlsOptions } from '../server/tls.ts';
import { buildSnapshot, type Outliving, type Snapshot } from '../snapshot.ts';
import type { Service } from '../upstream/service.ts';
import { changesBetween, toldOf, unchangedRoutes } from './changes.ts';
import { keyText, sameContracts } from './files.ts';
import { warm } from './warm.ts';

/** What requests are served with now. A reload replaces what is in it. */
export interface InForce {
  loaded: LoadedConfig;
  modules: FilterModules;
  snapshot: Snapshot;
  /** Certificate and key as they were read; undefined without TLS. */
  tls: TlsOptions | undefined;
  /** The key that verifies tokens, as it was read. */
  key: string | undefined;
}

export interface Candidate {
  readonly loaded: LoadedConfig;
  /** What becomes another, in words; nothing when all is in force already. */
  readonly summary: readonly string[];
  /** Brings it into force at once. @returns the snapshot whose place was taken, if one was */
  swap(): Snapshot | undefined;
  /** Undoes what was built. */
  abandon(): Promise<void>;
}

/** What stands in the summary for modules that became others. */
export const FILTERS = 'modules of filters';

export interface CandidateParts {
  readonly profile: Profile;
  readonly environment: NodeJS.ProcessEnv | undefined;
  readonly outliving: Outliving;
}

/** @param signal ends waiting for services that are new @throws ConfigError, or the system's error for a file that goes meanwhile */
export async function candidate(text: string, inForce: InForce, parts: CandidateParts, signal: AbortSignal): Promise<Candidate> {
  const { profile, environment, outliving } = parts;
  const { section } = profile;
  const before = inForce.loaded;
  const loaded = parseChecked(text, { file: before.file, section, before, ...(environment ? { environment } : {}) });
  // Between two long steps, requests have their turn.
  await others();
  const tls = secured(loaded, profile);
  const key = keyText(loaded, section);
  const modules = await loadFilters(loaded, inForce.modules);
  const isRenewed = tls !== undefined && !isDeepStrictEqual(tls, inForce.tls);
  const isOther = {
    contracts: !sameContracts(before, loaded),
    key: key !== inForce.key,
    config: before.revision !== loaded.revision || !isDeepStrictEqual(before.config, loaded.config),
  };
  const summary = [
    ...toldOf(changesBetween(before.config, loaded.config)),
    ...(isOther.contracts ? ['contracts'] : []),
    ...(isOther.key ? ['the key of tokens'] : []),
    ...(isRenewed ? ['certificates'] : []),
    ...(inForce.modules.differs(modules) ? [FILTERS] : []),
  ];
  if (summary.length === 0 && isOther.config) summary.push('nothing but its text');

  await others();
  const isBuilt = isOther.config || isOther.contracts || isOther.key;
  const snapshot = isBuilt ? buildSnapshot(profile, loaded, outliving, modules, inForce.snapshot) : undefined;
  await others();
  if (snapshot) await warm(newServices(snapshot, inForce.snapshot), signal);
  return {
    loaded,
    summary,
    swap() {
      const earlier = inForce.snapshot;
      inForce.loaded = loaded;
      if (isRenewed) inForce.tls = tls;
      inForce.key = key;
      if (!snapshot) {
        // The chains of filters are compiled anew by whoever comes first; all else stays.
        inForce.modules.adopt(modules);
        return undefined;
      }
      inForce.modules = modules;
      inForce.snapshot = snapshot;
      snapshot.replace(earlier);
      // What was stored for a route that is another now may be for others than it was for.
      const same = unchangedRoutes(before.config, loaded.config);
      outliving.surroundings.store.purge(({ route }) => !same.has(route));
      return earlier;
    },
    // It has served nobody; what it shares with that in force goes on.
    abandon: async () => await snapshot?.retire(),
  };
}

function newServices(snapshot: Snapshot, before: Snapshot): readonly Service[] {
  return [...snapshot.services.values()].filter((service) => before.services.get(service.name) !== service);
}

/** @throws ConfigError when what was read cannot be used, half-written perhaps */
function secured({ config, directory, file }: LoadedConfig, { settings }: Profile): TlsOptions | undefined {
  const { tls } = settings(config).listen;
  if (!tls) return undefined;
  try {
    const options = readTls(tls, directory);
    createSecureContext(options);
    return options;
  } catch (problem) {
    throw new ConfigError([ofWhole(file, `names certificates that cannot be used: ${(problem as Error).message}`)], config);
  }
}
