/** What was counted of routes that are gone: it would be told of for ever, and take the places of others. */
import { isDeepStrictEqual } from 'node:util';
import type { Config } from '../config/schema/index.ts';
import { compilePath, describePath } from '../routing/path-pattern.ts';
import { forgetRoute, type OfRoutes } from '../telemetry/forget.ts';

/** Ends the series of routes that were there before and are not now, and those of a route that has another path now. */
export function forgetRoutes(before: Pick<Config, 'routes'>, now: Pick<Config, 'routes'>, instruments: OfRoutes): void {
  const there = new Map(now.routes.map(({ name, match }) => [name, match]));
  for (const { name, match } of before.routes) {
    const current = there.get(name);
    if (current === undefined) {
      forgetRoute(instruments, name);
    } else if (!isDeepStrictEqual(current, match)) {
      const [template, another] = [match, current].map((path) => describePath(compilePath(path)));
      if (template !== undefined && template !== another)
        instruments.serverDuration.drop({ 'gateway.route.id': name, 'http.route': template });
    }
  }
}
