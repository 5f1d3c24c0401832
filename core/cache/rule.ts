/** A route's `cache`, read once: times in seconds, and what tells its answers apart. */
import type { RouteCacheConfig } from '../config/schema/index.ts';
import type { Principal } from '../identity.ts';
import type { ResponseDirectives } from './directives.ts';
import type { Allowances, Lifetime } from './freshness.ts';
import { varyOf } from './vary.ts';

export interface CacheRule {
  readonly allows: Allowances;
  readonly ttl: number | undefined;
  /** Bytes. */
  readonly maxBody: number;
  readonly perUser: boolean;
  readonly clientDirectives: boolean;
  /** The query as far as it counts. */
  query(query: string): string;
  /** The selecting names (vary.ts) of an answer, sorted. */
  namesOf(fields: readonly string[], directives: ResponseDirectives, lifetime: Lifetime): readonly string[];
  /** The names by which requests are told apart while there is no answer to say. */
  readonly usualNames: readonly string[];
}

/**
 * Who asks, as the gateway knows it and as it, or a caller inside, tells the service: the service must say when it does not matter. No
 * field can have a name with a colon.
 */
const WHO_ASKS = [':caller', ':user', 'authorization', 'x-gateway-caller', 'x-user-id', 'x_user_id'];

/** A principal as further fields to select by. */
export function whoAsks(principal: Principal): string[] {
  // The service may see the token, wherever it came: another of the same user may allow less.
  if (principal.kind === 'user') return [':user', encodeURIComponent(JSON.stringify([principal.subject, principal.claims]).toWellFormed())];
  return principal.kind === 'caller' ? [':caller', encodeURIComponent(principal.name)] : [];
}

/** What services negotiate by, as a rule. */
const NEGOTIATED = ['accept', 'accept-encoding', 'accept-language', 'origin'];

export function cacheRule({
  ttl,
  staleIfError,
  staleWhileRevalidate,
  maxBody,
  perUser,
  clientDirectives,
  key = {},
}: RouteCacheConfig): CacheRule {
  const own = [...(key.headers ?? []).map((name) => name.toLowerCase()), ...(key.cookies ?? []).map((name) => `cookie:${name}`)];
  const counting = key.query && new Set(key.query.map(loosely));
  return {
    allows: { staleIfError: staleIfError / 1000, staleWhileRevalidate: staleWhileRevalidate / 1000 },
    ttl: ttl === undefined ? undefined : ttl / 1000,
    maxBody,
    perUser,
    clientDirectives,
    usualNames: sorted([...own, ...WHO_ASKS, ...NEGOTIATED]),
    query: (query) => (counting === undefined ? query : only(query, counting)),
    namesOf(fields, { public: everybody }, { explicit, seconds }) {
      const names = [...own, ...varyOf(fields)];
      if (!everybody) names.push(...WHO_ASKS);
      // What a service said nothing of may well be made for whom a cookie names.
      if (key.cookies === undefined && !(explicit && seconds > 0)) names.push('cookie');
      return sorted(names);
    },
  };
}

/** The parameters that count, as they are written and in their order: all that a service could take for one of these too. */
function only(query: string, names: ReadonlySet<string>): string {
  return query
    .split('&')
    .filter((pair) => {
      const name = pair.includes(';') ? undefined : nameOf(pair);
      return name === undefined || names.has(loosely(name));
    })
    .join('&');
}

/** `undefined` when it cannot be read. */
function nameOf(pair: string): string | undefined {
  try {
    return decodeURIComponent((pair.split('=', 1)[0] as string).replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}

/** The same for names that some services hold to be one: in any case, `q[]` and `q[a]`, ` q`, `a.b` and `a_b`. */
function loosely(name: string): string {
  return name
    .replace(/^\s+|[[\0].*$/gs, '')
    .replace(/[\s.]/g, '_')
    .toLowerCase();
}

function sorted(names: readonly string[]): string[] {
  return [...new Set(names)].sort();
}
