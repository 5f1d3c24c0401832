/** What caches may do with an answer that is made from several: no more than with any of them (RFC 9111 section 5.2.2). */
import { type ResponseDirectives, responseDirectives, seconds } from '../cache/directives.ts';
import { untilExpires } from '../cache/freshness.ts';
import { listOf, valuesOf } from '../upstream/fields.ts';

/** What a part says of itself. */
export interface PartCaching {
  /** To all caches, and to some alone (RFC 9213): the whole says it to all. */
  readonly says: readonly ResponseDirectives[];
  /** Seconds from now, whichever cache asks; undefined when it does not say. */
  readonly freshFor: number | undefined;
  readonly setsCookies: boolean;
}

/** @param fields of the answer, flat. @param now milliseconds since 1970 */
export function cachingOf(fields: readonly string[], now: number): PartCaching {
  const targeted = listOf(fields, 'cdn-cache-control');
  const says = [responseDirectives(listOf(fields, 'cache-control') ?? '')];
  if (targeted !== undefined) says.push(responseDirectives('', targeted));
  const said = says.flatMap(({ maxAge, sMaxage }) => [maxAge, sMaxage].filter((value) => value !== undefined));
  const longest = said.length > 0 ? Math.min(...said) : untilExpires(fields, now);
  const age = seconds(listOf(fields, 'age')?.split(',', 1)[0]?.trim()) ?? 0;
  return {
    says,
    freshFor: longest === undefined ? undefined : Math.max(0, Math.floor(longest - age)),
    setsCookies: valuesOf(fields, 'set-cookie').length > 0,
  };
}

/** Each by itself lets a shared cache store an answer to a request with Authorization (RFC 9111 section 3.5). */
const OPENING = [
  ['mustRevalidate', 'must-revalidate'],
  ['proxyRevalidate', 'proxy-revalidate'],
] as const;

/** @param personal whether what was asked for depends on who asked. @returns undefined when nothing is to be said */
export function commonCacheControl(parts: readonly PartCaching[], personal: boolean): string | undefined {
  const says = (part: PartCaching, what: (directives: ResponseDirectives) => boolean) => part.says.some(what);
  const some = (what: (directives: ResponseDirectives) => boolean) => parts.some((part) => says(part, what));
  if (some(({ noStore }) => noStore)) return 'no-store';
  const opening = OPENING.filter(([name]) => some((directives) => directives[name]));
  const closed =
    personal ||
    parts.some(({ setsCookies }) => setsCookies) ||
    // What is withheld of a part went into the whole, as far as anybody knows.
    some((directives) => directives.private || directives.fieldsWithheld.size > 0) ||
    opening.some(([name]) => !parts.every((part) => says(part, (directives) => directives[name])));
  const words: string[] = closed ? ['private'] : [];
  if (some(({ noCache }) => noCache)) words.push('no-cache');
  words.push(...opening.map(([, word]) => word));
  const least = leastFresh(parts);
  // Of a part that does not say, the route may (`cache.ttl`), but nothing makes one fresh that is not.
  if (least !== undefined && (least === 0 || parts.every(({ freshFor }) => freshFor !== undefined))) words.push(`max-age=${least}`);
  return words.length === 0 ? undefined : words.join(', ');
}

/** Seconds for which those parts are fresh that say so; undefined when none does. */
export function leastFresh(parts: readonly PartCaching[]): number | undefined {
  const known = parts.flatMap(({ freshFor }) => freshFor ?? []);
  return known.length === 0 ? undefined : Math.min(...known);
}
