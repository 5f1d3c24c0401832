/** What caches may do with an answer that is made from several: no more than with any of them (RFC 9111 section 5.2.2). */

export interface PartCaching {
  /** `Cache-Control`; undefined without one. */
  readonly cacheControl: string | undefined;
  /** Seconds that it was on its way already (`Age`). */
  readonly age: number;
}

/** Each by itself lets a shared cache store an answer to a request with Authorization (RFC 9111 section 3.5). */
const OPENING = ['must-revalidate', 'proxy-revalidate'] as const;

/** @param personal whether what was asked for depends on who asked. @returns undefined when nothing is to be said */
export function commonCacheControl(parts: readonly PartCaching[], personal: boolean): string | undefined {
  const said = parts.map(({ cacheControl }) => directivesOf(cacheControl ?? ''));
  const some = (name: string) => said.some((directives) => directives.some(([word]) => word === name));
  const every = (name: string) => said.every((directives) => directives.some(([word]) => word === name));
  if (some('no-store')) return 'no-store';
  const opening = OPENING.filter(some);
  // With arguments these mean single fields; of the whole they say more than they must, which is safe.
  const closed = personal || some('private') || opening.some((word) => !every(word));
  const words = [...(closed ? ['private'] : []), ...(some('no-cache') ? ['no-cache'] : []), ...opening];
  const ages = parts.map(({ age }, at) => freshFor(said[at] ?? [], age));
  if (ages.length > 0 && ages.every((seconds) => seconds !== undefined)) words.push(`max-age=${Math.min(...ages)}`);
  return words.length === 0 ? undefined : words.join(', ');
}

type Directives = readonly (readonly [word: string, value: string | undefined])[];

function directivesOf(field: string): Directives {
  return field.split(',').map((directive) => {
    const [word = '', value] = directive.split('=', 2);
    return [word.trim().toLowerCase(), value?.trim().replaceAll('"', '')] as const;
  });
}

/** Seconds, whichever cache asks: the least of what is said. */
function freshFor(directives: Directives, age: number): number | undefined {
  const seconds = directives.flatMap(([word, value]) =>
    word === 'max-age' || word === 's-maxage' ? [/^\d{1,9}$/.test(value ?? '') ? Number(value) : 0] : [],
  );
  return seconds.length === 0 ? undefined : Math.max(0, Math.min(...seconds) - age);
}
