/** Arbitrary conditions and requests from so few words that they often meet. */
import fc from 'fast-check';
import type { MatchConfig } from '../../../core/config/schema/index.ts';
import type { RouteQuery } from '../../../core/routing/route.ts';

const word = fc.constantFrom('a', 'b', 'c');
const host = fc.constantFrom('a.test', 'b.a.test', '*.test', '*.a.test', '*.b.a.test');
const method = fc.constantFrom('GET', 'HEAD', 'POST');
const values = fc.dictionary(fc.constantFrom('x', 'y'), fc.constantFrom('1', '2', '~1|3', '~.*'), { minKeys: 1, maxKeys: 2 });
const expression = fc.constantFrom('~/a/.*', '~/[ab]', '~.*', '~/(a|b)(/c)?', '~/a/b/c');

/** `/a/{p1}`, at times with a trailing slash. */
const template = fc
  .tuple(fc.array(fc.option(word, { nil: null, freq: 2 }), { maxLength: 3 }), fc.boolean())
  .map(
    ([elements, slash]) => `/${elements.map((element, at) => element ?? `{p${at}}`).join('/')}${slash && elements.length > 0 ? '/' : ''}`,
  );

const path: fc.Arbitrary<MatchConfig> = fc.oneof(
  { weight: 3, arbitrary: template.map((text) => ({ path: text })) },
  { weight: 3, arbitrary: template.map((text) => ({ pathPrefix: text })) },
  { weight: 1, arbitrary: expression.map((text) => ({ path: text })) },
);

const seldom = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 1 });

const conditions = fc.record({
  hosts: seldom(fc.uniqueArray(host, { minLength: 1, maxLength: 2 })),
  methods: seldom(fc.uniqueArray(method, { minLength: 1, maxLength: 2 })),
  headers: seldom(values),
  cookies: seldom(values),
  queryParams: seldom(values),
});

/** What a route may ask for. */
export const aMatch: fc.Arbitrary<MatchConfig> = fc.tuple(path, conditions).map(([where, others]) => {
  const given = Object.entries(others).filter(([, value]) => value !== undefined);
  return { ...where, ...Object.fromEntries(given) };
});

const pairs = fc.array(fc.tuple(fc.constantFrom('x', 'y'), fc.constantFrom('1', '2', '3', '%31')), { maxLength: 3 });
const written = (separator: string) => pairs.map((given) => given.map((pair) => pair.join('=')).join(separator));

/** What a client may ask for, canonical. */
export const aRequest: fc.Arbitrary<RouteQuery> = fc
  .record({
    method: fc.constantFrom('GET', 'HEAD', 'POST', 'PUT'),
    host: fc.constantFrom('a.test', 'b.a.test', 'c.b.a.test', 'test', 'other', ''),
    path: fc
      .tuple(fc.array(word, { maxLength: 4 }), fc.boolean())
      .map(([words, slash]) => `/${words.join('/')}${slash && words.length > 0 ? '/' : ''}`),
    query: written('&'),
    cookie: written('; '),
    headers: fc.dictionary(fc.constantFrom('x', 'y'), fc.constantFrom('1', '2', '3')),
  })
  .map(({ cookie, headers, ...others }) => ({ ...others, headers: { ...headers, ...(cookie === '' ? {} : { cookie }) } }));
