/** Caches that could never store anything, or that do not fit their gateway. */
import { type Path, type Remark, warning } from '../finding.ts';
import type { Config, RouteConfig } from '../schema/index.ts';
import type { Check, CheckContext } from './check.ts';

export const cache: Check = ({ routes, services, public: edge, private: inside }, context) =>
  routes.flatMap((route, index) => {
    if (route.cache === undefined) return [];
    const path = ['routes', index, 'cache'];
    return [
      ...neverStores(route, path),
      ...sticky(route, path, services),
      ...users(route, path, context),
      ...size(route, path, { public: edge, private: inside }, context),
    ];
  });

function neverStores({ match: { methods }, upgrade }: RouteConfig, path: Path): Remark[] {
  if (methods !== undefined && !methods.includes('GET'))
    return [warning(path, 'never stores anything: only answers to GET are stored, which the methods of the route leave out')];
  if (upgrade === undefined) return [];
  return [warning(path, 'does not concern WebSockets, which pass: the route takes upgrades')];
}

/** What sets a cookie is not stored, the gateway's own included. */
function sticky({ service, split = [] }: RouteConfig, path: Path, services: Config['services']): Remark[] {
  return [...(service === undefined ? [] : [service]), ...split.map((branch) => branch.service)].flatMap((name) =>
    stickyOne(name, path, services),
  );
}

function stickyOne(service: string, path: Path, services: Config['services']): Remark[] {
  if (services[service]?.sticky === undefined) return [];
  return [
    warning(path, `stores no answer that names a client its endpoint: the service ${service} is sticky`, {
      from: [['services', service, 'sticky']],
    }),
  ];
}

/** On a route where nobody is authenticated, there is nobody to keep answers for. */
function users({ cache: settings, expose }: RouteConfig, path: Path, { isGiven }: CheckContext): Remark[] {
  const authenticates = expose.public !== undefined && expose.public.access !== 'anonymous';
  if (settings?.perUser !== true || authenticates) return [];
  const at = [...path, 'perUser'];
  return isGiven(at) ? [warning(at, 'has no effect: the route authenticates no user', { atKey: true })] : [];
}

function size(
  { cache: settings, expose }: RouteConfig,
  path: Path,
  gateways: Pick<Config, 'public' | 'private'>,
  { isGiven }: CheckContext,
): Remark[] {
  if (!isGiven([...path, 'maxBody'])) return [];
  return (['public', 'private'] as const).flatMap((section) => {
    if (expose[section] === undefined || settings === undefined) return [];
    // A quarter of the memory is for what is on its way in (core/cache/store.ts).
    if (settings.maxBody <= gateways[section].cache.memory / 4) return [];
    const from = [[section, 'cache', 'memory']];
    return [
      warning(
        [...path, 'maxBody'],
        `is never reached: it is more than a quarter of ${section}.cache.memory, which is what may be on its way in`,
        { from },
      ),
    ];
  });
}
