/** What a route's `expose` says: through which gateways it is reached, and by whom. */
import type { RouteConfig } from '../config/schema/index.ts';

type Section = keyof RouteConfig['expose'];

/** The routes that one gateway exposes: no others exist for its clients. */
export const exposedThrough = (section: Section, routes: readonly RouteConfig[]): readonly RouteConfig[] =>
  routes.filter(({ expose }) => expose[section] !== undefined);

/** Who may come in through the public gateway: `-` for nobody. */
export function describePublic({ expose: { public: edge } }: RouteConfig): string {
  if (edge === undefined) return '-';
  if (edge.access === 'anonymous') return 'anonymous';
  const scopes = edge.scopes === undefined || edge.scopes.length === 0 ? [] : [`scopes ${edge.scopes.join(' ')}`];
  const claims = Object.entries(edge.claims ?? {}).map(([name, values]) => `${name} ${values.join('|')}`);
  return [...scopes, ...claims].join(', ') || 'any user';
}

/** Which callers may come in through the private gateway: `-` for none. */
export const describePrivate = ({ expose }: RouteConfig): string => expose.private?.callers.join(',') ?? '-';
