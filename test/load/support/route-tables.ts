/** The route table and its yardstick, find-my-way (the router of Fastify), made from one catalogue. */
import { createRequire } from 'node:module';
import { buildTable } from '../../../core/routing/table.ts';
import { type CatalogueRequest, type CatalogueRoute, catalogueConfiguration } from './catalogue.ts';
import type { Matcher } from './matching.ts';

/** The name of the route that takes a request. */
type Find = (method: string, path: string) => string | undefined;

export function posternMatcher(name: string, catalogue: readonly CatalogueRoute[], requests: CatalogueRequest[]): Matcher {
  const table = buildTable(catalogueConfiguration(catalogue, 'origin'));
  const headers = { host: 'shop.example.com' };
  return checked(name, requests, (method, path) => {
    const match = table.match({ method, path, host: 'shop.example.com', query: '', headers });
    return match.found === 'route' ? match.route.name : undefined;
  });
}

interface Router {
  on(method: string, path: string, handler: () => void, store: string): void;
  find(method: string, path: string): { store: string; params: Record<string, string> } | null;
}

// Loaded at run time: the peers are not among the packages that the type check of the repository sees.
const findMyWay: () => Router = createRequire(import.meta.url)('find-my-way');

export function findMyWayMatcher(name: string, catalogue: readonly CatalogueRoute[], requests: CatalogueRequest[]): Matcher {
  const router = findMyWay();
  const handler = (): void => {};
  for (const route of catalogue) {
    const path = route.path.replace(/\{(\w+)\}/g, ':$1');
    router.on(route.method, path, handler, route.name);
    if (route.prefix) router.on(route.method, `${path}/*`, handler, route.name);
  }
  return checked(name, requests, (method, path) => router.find(method, path)?.store);
}

/** Only what finds the right routes is timed. */
function checked(name: string, requests: CatalogueRequest[], find: Find): Matcher {
  for (const { method, path, route } of requests) {
    const found = find(method, path);
    if (found !== route) throw new Error(`${name}: ${method} ${path} is for ${route}, not ${found}`);
  }
  return { name, requests, match: (method, path) => find(method, path) !== undefined };
}
