/** What caches may do with an answer that is made from several: no more than with any of them (RFC 9111 section 5.2.2). */

const FORBIDDING = ['no-store', 'private', 'no-cache', 'must-revalidate', 'proxy-revalidate'] as const;

/** @param fields `Cache-Control` of each part, undefined where there is none. @returns undefined when nothing is to be said */
export function commonCacheControl(fields: readonly (string | undefined)[]): string | undefined {
  const directives = fields.map((field) =>
    (field ?? '')
      .toLowerCase()
      .split(',')
      .map((directive) => directive.trim()),
  );
  if (directives.some((some) => some.includes('no-store'))) return 'no-store';
  // With arguments these mean single fields; of the whole they say more than they must, which is safe.
  const said = FORBIDDING.filter((word) => directives.some((some) => some.some((one) => one === word || one.startsWith(`${word}=`))));
  const ages = directives.map((some) => ageIn(some));
  const known = ages.every((age) => age !== undefined);
  const all = known && ages.length > 0 ? [...said, `max-age=${Math.min(...ages)}`] : said;
  return all.length === 0 ? undefined : all.join(', ');
}

function ageIn(directives: readonly string[]): number | undefined {
  const [, seconds] = directives.map((directive) => /^max-age=(\d{1,9})$/.exec(directive)).find((match) => match !== null) ?? [];
  return seconds === undefined ? undefined : Number(seconds);
}
