import type { PathPattern } from './path-pattern.ts';
import type { Element } from './path-template.ts';
import type { Route } from './route.ts';

/**
 * When several routes would take a request, the first by this order does (it is the Gateway API's, with parameters added):
 *
 * 1. Host: a name (`shop.example.com`), then a wildcard (`*.example.com`), the longest first, then every host.
 * 2. Path: a literal path, then a path with parameters (`/orders/{id}`), then a regular expression, then a prefix.
 *    Among prefixes the one with more elements first. Among paths or prefixes with parameters the one with more literal
 *    elements first, then, read from the left, the one whose element is literal where the other's is a parameter.
 * 3. Method: a route that names methods, then one that takes them all.
 * 4. The route with more header and cookie conditions.
 * 5. The route with more query parameter conditions.
 * 6. The route that comes first in the file.
 *
 * A route that goes first but does not take the request (its method, headers, cookies or query parameters differ) leaves it
 * to the next one, down to shorter prefixes and less specific hosts.
 */
export function byPrecedence(a: Route, b: Route): number {
  return (
    byHost(a.host, b.host) ||
    byPath(a.path, b.path) ||
    Number(a.methods === null) - Number(b.methods === null) ||
    headerConditions(b) - headerConditions(a) ||
    queryConditions(b) - queryConditions(a) ||
    a.index - b.index
  );
}

function byHost(a: string | null, b: string | null): number {
  const rank = hostRank(a) - hostRank(b);
  if (rank !== 0 || a === null || b === null) return rank;
  return a.startsWith('*.') ? b.length - a.length : 0;
}

function hostRank(host: string | null): number {
  if (host === null) return 2;
  return host.startsWith('*.') ? 1 : 0;
}

function byPath(a: PathPattern, b: PathPattern): number {
  const rank = pathRank(a) - pathRank(b);
  if (rank !== 0 || a.kind === 'expression' || b.kind === 'expression') return rank;
  if (a.kind === 'prefix' && a.elements.length !== b.elements.length) return b.elements.length - a.elements.length;
  return literals(b.elements) - literals(a.elements) || leftToRight(a.elements, b.elements);
}

function pathRank(pattern: PathPattern): number {
  if (pattern.kind === 'prefix') return 3;
  if (pattern.kind === 'expression') return 2;
  return literals(pattern.elements) === pattern.elements.length ? 0 : 1;
}

const literals = (elements: readonly Element[]) => elements.filter(({ literal }) => literal !== undefined).length;

function leftToRight(a: readonly Element[], b: readonly Element[]): number {
  const [left, right] = [kinds(a), kinds(b)];
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

const kinds = (elements: readonly Element[]) => elements.map(({ param }) => (param === undefined ? '0' : '1')).join('');

const headerConditions = ({ predicates }: Route) => predicates.filter(({ kind }) => kind !== 'query').length;
const queryConditions = ({ predicates }: Route) => predicates.filter(({ kind }) => kind === 'query').length;
