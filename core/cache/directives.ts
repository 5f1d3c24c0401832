/** What Cache-Control says (RFC 9111 section 5.2), and what a targeted field says in its place (RFC 9213). */

/** Of an answer. Times in seconds. */
export interface ResponseDirectives {
  readonly noStore: boolean;
  readonly noCache: boolean;
  readonly private: boolean;
  readonly public: boolean;
  readonly mustRevalidate: boolean;
  readonly proxyRevalidate: boolean;
  readonly mustUnderstand: boolean;
  readonly maxAge: number | undefined;
  readonly sMaxage: number | undefined;
  /** RFC 5861. */
  readonly staleWhileRevalidate: number | undefined;
  readonly staleIfError: number | undefined;
  /** Fields, in lower case, that `no-cache="..."` and `private="..."` name: the rest of the answer may be stored without them. */
  readonly fieldsWithheld: ReadonlySet<string>;
  /** Whether a targeted field said it: then Cache-Control and Expires have no say (RFC 9213 section 2.2). */
  readonly targeted: boolean;
}

/** Of a request. Times in seconds. */
export interface RequestDirectives {
  readonly noStore: boolean;
  readonly noCache: boolean;
  readonly onlyIfCached: boolean;
  readonly maxAge: number | undefined;
  readonly minFresh: number | undefined;
  /** Infinity when it names no limit. */
  readonly maxStale: number | undefined;
}

/** Name in lower case and argument, `undefined` without one; a directive that came twice is there twice. */
type Directives = readonly (readonly [name: string, argument: string | undefined])[];

/** RFC 9111 section 1.2.2: what is larger counts as this. */
export const LONGEST = 2 ** 31;

/** What forbids something, and is heeded however badly it is written. */
const FORBIDDING = /(?<![\w-])(?:no-store|no-cache|private|must-revalidate|proxy-revalidate)(?![\w-])/gi;

/** In place of a name, of a member that cannot be read. */
const UNREADABLE = '';

/**
 * One member of a list: `token`, `token=token` or `token="quoted"`, where a comma inside a quoted string separates nothing. What is
 * none of these matches without a name, up to the next comma, or to the end when a string never ends.
 */
const MEMBER =
  /[\t ]*([!#$%&'*+.^_`|~0-9A-Za-z-]+)(?:=(?:"((?:[^"\\]|\\.)*)"|([^",\t ]*)))?[\t ]*(?=,|$)|(?:"(?:[^"\\]|\\.)*"|[^,"]|".*)+/sy;

export function readDirectives(field: string): Directives {
  const directives: (readonly [string, string | undefined])[] = [];
  for (let at = 0; at < field.length; at += 1) {
    MEMBER.lastIndex = at;
    const member = MEMBER.exec(field);
    if (!member) continue;
    const [all, name, quoted, plain] = member;
    if (name !== undefined) directives.push([name.toLowerCase(), quoted?.replace(/\\(.)/g, '$1') ?? plain]);
    else if (all.trim() !== '') directives.push([UNREADABLE, undefined], ...forbiddingOf(all));
    at += all.length;
  }
  return directives;
}

/** The prohibitions in what cannot be read. */
function forbiddingOf(text: string): Directives {
  return Array.from(text.match(FORBIDDING) ?? [], (name) => [name.toLowerCase(), undefined] as const);
}

/** Of RFC 8941: a number, a boolean, a string, a token, or bytes; with parameters; and several of these in brackets. */
const KEY = '[a-z*][a-z0-9_.*-]*';
const BARE = `(?:-?(?:\\d{1,12}\\.\\d{1,3}|\\d{1,15})|\\?[01]|"(?:[\\x20\\x21\\x23-\\x5b\\x5d-\\x7e]|\\\\["\\\\])*"|[A-Za-z*][!#$%&'*+.^_\`|~0-9A-Za-z:/-]*|:[A-Za-z0-9+/=]*:)`;
const PARAMETERS = `(?:; *${KEY}(?:=${BARE})?)*`;
const BRACKETED = `\\( *(?:${BARE}${PARAMETERS}(?: +|(?=\\))))*\\)`;
/** A member of a dictionary. */
const KEYED = new RegExp(`[\\t ]*(${KEY})(?:=(${BARE}|${BRACKETED}))?${PARAMETERS}[\\t ]*(?:,|$)`, 'y');

/** A targeted field; `undefined` when it is no dictionary, or an empty one. */
function readTargeted(field: string): Directives | undefined {
  const directives: (readonly [string, string | undefined])[] = [];
  for (let at = 0; at < field.length; at = KEYED.lastIndex) {
    KEYED.lastIndex = at;
    const [, name, value] = KEYED.exec(field) ?? [];
    if (name === undefined) return undefined;
    if (value !== '?0') directives.push([name, value === '?1' || value?.startsWith('(') ? undefined : value]);
  }
  return directives.length === 0 ? undefined : directives;
}

/** @param cacheControl the field, its lines joined by commas. @param targeted CDN-Cache-Control, the same way */
export function responseDirectives(cacheControl: string, targeted?: string): ResponseDirectives {
  const aimed = targeted === undefined ? undefined : readTargeted(targeted);
  // One that cannot be read counts as absent (RFC 9213 section 2.1), but what it forbids is meant.
  const directives = aimed ?? [...readDirectives(cacheControl), ...forbiddingOf(targeted ?? '')];
  const withheld = new Set<string>();
  const whole = { 'no-cache': false, private: false };
  for (const [name, argument] of directives) {
    if (name !== 'no-cache' && name !== 'private') continue;
    const fields = (argument ?? '')
      .replaceAll('"', '')
      .split(',')
      .map((field) => field.trim().toLowerCase())
      .filter((field) => field !== '');
    if (fields.length === 0) whole[name] = true;
    for (const field of fields) withheld.add(field);
  }
  const has = (wanted: string) => directives.some(([name]) => name === wanted);
  const [maxAge, sMaxage] = [shortest(directives, 'max-age', 0), shortest(directives, 's-maxage', 0)];
  const unreadable = has(UNREADABLE);
  return {
    noStore: has('no-store'),
    noCache: whole['no-cache'],
    private: whole.private,
    public: has('public'),
    mustRevalidate: has('must-revalidate'),
    proxyRevalidate: has('proxy-revalidate'),
    mustUnderstand: has('must-understand'),
    // What cannot be read must not make an answer live longer (section 4.2.1).
    maxAge: unreadable ? 0 : maxAge,
    sMaxage: unreadable && sMaxage !== undefined ? 0 : sMaxage,
    staleWhileRevalidate: shortest(directives, 'stale-while-revalidate', undefined),
    staleIfError: shortest(directives, 'stale-if-error', undefined),
    fieldsWithheld: withheld,
    targeted: aimed !== undefined,
  };
}

/** @param pragma counts only without Cache-Control (section 5.4) */
export function requestDirectives(cacheControl: string | undefined, pragma?: string): RequestDirectives {
  const directives = readDirectives(cacheControl ?? '');
  const has = (wanted: string) => directives.some(([name]) => name === wanted);
  return {
    noStore: has('no-store'),
    noCache: has('no-cache') || (cacheControl === undefined && pragma !== undefined && /(?:^|,)\s*no-cache\s*(?:,|$)/i.test(pragma)),
    onlyIfCached: has('only-if-cached'),
    maxAge: shortest(directives, 'max-age', undefined),
    minFresh: shortest(directives, 'min-fresh', undefined),
    maxStale: directives.some(([name, argument]) => name === 'max-stale' && argument === undefined)
      ? Number.POSITIVE_INFINITY
      : shortest(directives, 'max-stale', undefined),
  };
}

/** The shortest of several; what is no number of seconds counts as `unreadable`. */
function shortest(directives: Directives, wanted: string, unreadable: number | undefined): number | undefined {
  const given = directives.filter(([name]) => name === wanted).map(([, argument]) => seconds(argument) ?? unreadable);
  const known = given.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}

/** delta-seconds; `undefined` for anything else. */
export function seconds(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Math.min(LONGEST, Number(text)) : undefined;
}
