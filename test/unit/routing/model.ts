/** The route table as plainly as it can be said: every route in order, each judged from its configuration alone. */
import type { MatchConfig, RouteConfig } from '../../../core/config/schema/index.ts';
import { compileRoutes } from '../../../core/routing/compile.ts';
import { byPrecedence } from '../../../core/routing/precedence.ts';
import type { RouteQuery } from '../../../core/routing/route.ts';

export interface Expected {
  readonly name: string | null;
  readonly host: string | null;
  readonly allow: readonly string[];
}

/** The route that must take the request; without one, the methods that would be taken. */
export function expected(configs: readonly RouteConfig[], query: RouteQuery): Expected {
  const allow = new Set<string>();
  for (const { name, config, host } of [...compileRoutes(configs)].sort(byPrecedence)) {
    if (!hostFits(host, query.host) || !pathFits(config.match, query.path) || !conditionsHold(config.match, query)) continue;
    const methods = config.match.methods?.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : method));
    if (methods === undefined || methods.includes(query.method)) return { name, host, allow: [] };
    for (const method of methods) allow.add(method);
  }
  return { name: null, host: null, allow: [...allow].sort() };
}

function hostFits(pattern: string | null, host: string): boolean {
  if (pattern === null || pattern === host) return true;
  return pattern.startsWith('*') && host.endsWith(pattern.slice(1));
}

function pathFits({ path, pathPrefix = '/' }: MatchConfig, given: string): boolean {
  if (path?.startsWith('~')) return new RegExp(`^(?:${path.slice(1)})$`).test(given);
  const source = (path ?? pathPrefix.replace(/\/$/, '')).replace(/\{\w+\}/g, '[^/]+');
  return new RegExp(path === undefined ? `^${source}(?:/|$)` : `^${source}$`).test(given);
}

function conditionsHold({ headers = {}, cookies = {}, queryParams = {} }: MatchConfig, query: RouteQuery): boolean {
  const sent = String(query.headers.cookie ?? '')
    .split('; ')
    .map((cookie) => cookie.split('='));
  const parameters = new URLSearchParams(query.query);
  return (
    Object.entries(headers).every(([name, value]) => fits(value, query.headers[name])) &&
    Object.entries(cookies).every(([name, value]) => sent.some(([key, given]) => key === name && fits(value, given))) &&
    Object.entries(queryParams).every(([name, value]) => parameters.getAll(name).some((given) => fits(value, given)))
  );
}

function fits(value: string, given: unknown): boolean {
  if (typeof given !== 'string') return false;
  return value.startsWith('~') ? new RegExp(`^(?:${value.slice(1)})$`).test(given) : value === given;
}
