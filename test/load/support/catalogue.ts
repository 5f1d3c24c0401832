/**
 * Routes as a catalogue has them, any number: for each of many services an exact path, one parameter, two parameters, a
 * prefix, and the same path for another method. And requests for them, of which no two are alike; as many of them for ten
 * routes as for a thousand, so that only the routes differ.
 */
import type { RouteConfig } from '../../../core/config/schema/index.ts';

export interface CatalogueRoute {
  name: string;
  method: string;
  /** `/users/{id}`; of a prefix, what is before the rest. */
  path: string;
  prefix: boolean;
}

export interface CatalogueRequest {
  method: string;
  path: string;
  /** The name of the route that takes it. */
  route: string;
}

const paths = ['/status', '/users/{id}', '/users/{id}/orders/{order}', '/files', '/users/{id}'] as const;

export function makeCatalogue(count: number): CatalogueRoute[] {
  return Array.from({ length: count }, (_, index) => {
    const kind = index % paths.length;
    return {
      name: `route-${index}`,
      method: kind === 4 ? 'POST' : 'GET',
      path: `/routes/service-${Math.floor(index / paths.length)}${paths[kind] ?? ''}`,
      prefix: kind === 3,
    };
  });
}

/** Requests that the routes take, in an order that is mixed and the same in every run. */
export function requestsFor(catalogue: readonly CatalogueRoute[], count: number): CatalogueRequest[] {
  const requests: CatalogueRequest[] = [];
  for (let turn = 0; requests.length < count; turn += 1) {
    for (const { name, method, path, prefix } of catalogue) {
      const filled = path.replace('{id}', String(turn * 7919)).replace('{order}', String(requests.length));
      requests.push({ method, path: prefix ? `${filled}/reports/${requests.length}.pdf` : filled, route: name });
    }
  }
  return shuffled(requests.slice(0, count));
}

/** The routes as the configuration states them, all to one service. */
export function catalogueConfiguration(catalogue: readonly CatalogueRoute[], service: string): RouteConfig[] {
  return catalogue.map(({ name, method, path, prefix }) => ({
    name,
    match: { ...(prefix ? { pathPrefix: path } : { path }), methods: [method] },
    service,
    priority: 'normal',
    expose: { public: { access: 'anonymous' } },
  }));
}

function shuffled<Item>(items: readonly Item[]): Item[] {
  const result = [...items];
  let state = 42;
  for (let last = result.length - 1; last > 0; last -= 1) {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    const other = state % (last + 1);
    const moved = result[last];
    const taken = result[other];
    if (moved !== undefined && taken !== undefined) [result[last], result[other]] = [taken, moved];
  }
  return result;
}
