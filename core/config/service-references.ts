/** Which services a route names, and where. */
import type { Path } from './finding.ts';
import type { FilterEntry, RouteConfig } from './schema/index.ts';

/** Each with its place within the route. */
export function serviceReferences({
  service,
  split = [],
  aggregate,
  fallback,
  filters,
}: RouteConfig): readonly (readonly [Path, string])[] {
  const references: (readonly [Path, string])[] = split.map((branch, at) => [['split', at, 'service'], branch.service]);
  if (service !== undefined) references.unshift([['service'], service]);
  for (const [name, part] of Object.entries(aggregate?.parts ?? {}))
    references.push([['aggregate', 'parts', name, 'service'], part.service]);
  if (fallback?.service !== undefined) references.push([['fallback', 'service'], fallback.service]);
  return [...references, ...mirrors(filters)];
}

/** The services that get copies. */
export function mirrors(filters: readonly FilterEntry[] = []): readonly (readonly [Path, string])[] {
  return filters.flatMap((entry, at) =>
    typeof entry === 'string' || entry.mirror === undefined ? [] : [[['filters', at, 'mirror', 'service'], entry.mirror.service] as const],
  );
}

/** The services that answer, in words: `orders`, `search 90 %, orders 10 %`, `users + orders`. */
export function describeServices({ service, split, aggregate }: RouteConfig): string {
  if (aggregate) return [...new Set(Object.values(aggregate.parts).map((part) => part.service))].join(' + ');
  const total = (split ?? []).reduce((sum, { weight }) => sum + weight, 0);
  const share = (weight: number) => (total === 0 ? 0 : Math.round((weight / total) * 1000) / 10);
  return split?.map((branch) => `${branch.service} ${share(branch.weight)}%`).join(', ') ?? service ?? '';
}
