/**
 * Routes as a catalogue has them, any number: for each of many services an exact path, one parameter, two parameters, a
 * prefix, and the same path for another method. And a request for each that no other route takes.
 */
export interface CatalogueRoute {
  name: string;
  method: string;
  /** `/orders/{id}`; of a prefix, what is before the rest. */
  path: string;
  prefix: boolean;
  /** A path that this route takes. */
  example: string;
}

export function makeCatalogue(count: number): CatalogueRoute[] {
  return Array.from({ length: count }, (_, index) => {
    const base = `/routes/service-${Math.floor(index / 5)}`;
    const route = (method: string, rest: string, example: string, prefix = false): CatalogueRoute =>
      ({ name: `route-${index}`, method, path: base + rest, prefix, example: base + example });
    switch (index % 5) {
      case 0:
        return route('GET', '/status', '/status');
      case 1:
        return route('GET', '/users/{id}', `/users/${index * 7919}`);
      case 2:
        return route('GET', '/users/{id}/orders/{order}', `/users/${index * 7919}/orders/${index}`);
      case 3:
        return route('GET', '/files', `/files/reports/2026/${index}.pdf`, true);
      default:
        return route('POST', '/users/{id}', `/users/${index * 7919}`);
    }
  });
}

/** The same order every run, without neighbours next to each other. */
export function shuffled<Item>(items: readonly Item[]): Item[] {
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

/** The routes as the gateway's configuration states them, all to one service. */
export function catalogueConfiguration(catalogue: readonly CatalogueRoute[], service: string): object[] {
  return catalogue.map(({ name, method, path, prefix }) => ({
    name,
    match: { [prefix ? 'pathPrefix' : 'path']: path, methods: [method] },
    service,
    expose: { public: { access: 'anonymous' } },
  }));
}
