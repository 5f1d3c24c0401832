/** Routes and requests for these tests, with as little said as each test needs. */
import type { MatchConfig, RouteConfig } from '../../../core/config/schema/index.ts';
import type { RouteQuery } from '../../../core/routing/route.ts';

export const aRoute = (name: string, match: MatchConfig, rest: Partial<RouteConfig> = {}): RouteConfig => ({
  name,
  match,
  service: 'orders',
  priority: 'normal',
  expose: { public: {} },
  ...rest,
});

/** `GET api.test/orders?page=1`: method, host, path, query. */
export function aQuery(line: string, headers: RouteQuery['headers'] = {}): RouteQuery {
  const [, method = '', host = '', path = '', query = ''] = /^(\S+) ([^/]*)([^?]*)\??(.*)$/.exec(line) ?? [];
  return { method, host: host || 'api.test', path, query, headers };
}
