/** Why every other route did not get a request. */
import type { Config } from '../config/schema/index.ts';
import { exposedThrough } from '../routing/exposure.ts';
import type { Route } from '../routing/route.ts';
import type { RouteTable } from '../routing/table.ts';
import type { Findings } from './step.ts';

export interface Loser {
  readonly route: string;
  readonly because: string;
}

interface Catalogue {
  readonly config: Config;
  readonly section: 'public' | 'private';
  readonly table: RouteTable;
}

/** In order of precedence; none where no route was looked for. */
export function losers({ config, section, table }: Catalogue, { query, match }: Findings): readonly Loser[] {
  if (query === undefined) return [];
  const exposed = exposedThrough(section, config.routes);
  return [
    ...table
      .explain(query)
      .filter(({ route: other }) => other.config !== match?.route.config)
      .map(({ route: other, reason }) => ({ route: other.name, because: because(other, reason) })),
    ...config.routes
      .filter((other) => !exposed.includes(other))
      .map(({ name }) => ({ route: name, because: `is not exposed through the ${section} gateway` })),
  ];
}

/** What the route asks for and the request does not have. */
function because(route: Route, reason: string | null): string {
  switch (reason) {
    case null:
      return 'matches';
    case 'precedence':
      return 'matches too, but goes after the one taken';
    case 'host':
      return `takes the host ${route.host}`;
    case 'path':
      return `takes the path ${route.config.match.path ?? route.template}`;
    case 'method':
      return `takes the methods ${[...(route.methods ?? [])].join(', ')}`;
    default: {
      const predicate = route.predicates.find(({ kind, name }) => reason === `${kind} ${name}`);
      return predicate === undefined ? `refuses it: ${reason}` : `asks for ${reason}=${predicate.value}`;
    }
  }
}
