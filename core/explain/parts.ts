/** What explanations are made from. */
import type { Store } from '../cache/store.ts';
import type { Clock } from '../clock.ts';
import type { LoadedConfig } from '../config/load.ts';
import type { Contracts } from '../contract/contracts.ts';
import type { FilterModules } from '../filter/modules.ts';
import type { Limiters } from '../middleware/rate-limiters.ts';
import type { RouteTable } from '../routing/table.ts';
import type { Pressure } from '../telemetry/pressure.ts';
import type { Service } from '../upstream/service.ts';

export interface ExplainParts {
  /** The gateway's name, and its section of the configuration. */
  readonly name: string;
  readonly section: 'public' | 'private';
  readonly loaded: Pick<LoadedConfig, 'config' | 'revision' | 'placeOf'>;
  /** The routes that the gateway exposes. */
  readonly table: RouteTable;
  readonly filterModules: FilterModules;
  readonly contracts: Contracts;
  readonly clock: Clock;
  /** Of a gateway that runs. */
  readonly live?: Live | undefined;
}

export interface Live {
  readonly services: ReadonlyMap<string, Service>;
  readonly store: Store;
  readonly pressure: Pick<Pressure, 'level'>;
  readonly limiters: Pick<Limiters, 'peek'>;
}
