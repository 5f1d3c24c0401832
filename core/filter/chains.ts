/** The filters of every route, compiled once for as long as neither the configuration nor a module changes. */
import type { Config, FilterEntry, RouteConfig } from '../config/schema/index.ts';
import type { Route } from '../routing/route.ts';
import type { BuiltInParts } from './builtin/built-in.ts';
import { builtIn } from './builtin/index.ts';
import { type Bound, type Chain, chainOf } from './chain.ts';
import { named } from './entry.ts';
import type { FilterModules } from './modules.ts';

export type ChainOf = (route: Route | undefined) => Chain | undefined;

export interface ChainsParts extends BuiltInParts {
  readonly config: Pick<Config, 'routes' | 'filters'>;
  /** The gateway's own, which run on every route before those of the route. */
  readonly general: readonly FilterEntry[];
  readonly modules: FilterModules;
}

export function chains(parts: ChainsParts): ChainOf {
  const { config, general, modules } = parts;
  const compile = (): ReadonlyMap<RouteConfig, Chain> =>
    new Map(
      config.routes.flatMap((route) => {
        const chain = chainOf([...general, ...(route.filters ?? [])].flatMap((entry) => bind(entry, parts)));
        return chain ? [[route, chain] as const] : [];
      }),
    );
  let compiled = compile();
  let version = modules.version;
  return (route) => {
    if (modules.version !== version) {
      version = modules.version;
      compiled = compile();
    }
    return route && compiled.get(route.config);
  };
}

function bind(entry: FilterEntry, parts: ChainsParts): readonly Bound[] {
  const filter = named(entry);
  if (parts.config.filters.off.includes(filter.name)) return [];
  if (filter.module === undefined) return builtIn(filter, parts);
  const loaded = parts.modules.get(filter.module);
  const checked = loaded?.options(filter.options);
  // Both were checked before the module came into use.
  if (!loaded || !checked || !('options' in checked)) return [];
  const { name, stage, order } = loaded;
  return [{ name, stage, order, foreign: true, run: (exchange) => loaded.run(exchange, checked.options) }];
}
