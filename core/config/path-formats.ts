/**
 * The paths a configuration may hold: what a route matches and what it is rewritten to. Each function says what is wrong,
 * or null. What passes here, `core/routing` compiles.
 */

const placeholder = /\{([^{}]*)\}/g;
/** Begins with a letter: parameters become properties, and so none is `__proto__`. */
const parameter = /^[A-Za-z][A-Za-z0-9_-]*$/;
const claim = /^claims(?:\.[A-Za-z0-9_:-]+)+$/;

/** The names between braces. */
export const placeholders = (template: string): string[] => [...template.matchAll(placeholder)].map(([, name]) => name ?? '');

export const isParameter = (name: string): boolean => parameter.test(name);
export const isClaim = (name: string): boolean => claim.test(name);

function shapeReason(text: string): string | null {
  if (!text.startsWith('/')) return 'it begins with /';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/[\s\u0000-\u001f\u007f]/.test(text)) return 'it has a space or a control character; write %20 for a space';
  if (/[?#]/.test(text)) return 'a path has no query and no fragment';
  if (text.includes('\\')) return 'it has a backslash';
  if (/[{}]/.test(text.replaceAll(placeholder, ''))) return 'its braces do not pair';
  if (/%(?![0-9A-Fa-f]{2})/.test(text)) return '% is not followed by two hexadecimal digits';
  if (/%(2f|5c|0\d|0[a-f]|1[0-9a-f]|7f)/i.test(text))
    return 'no request that has an encoded slash, backslash or control character is let in';
  // Requests arrive without these (routing/canonical-path.ts), so such a route would never match.
  if (/\/\/|\/(\.|%2e){1,2}(?=\/|$)/i.test(text)) return 'empty elements, . and .. never reach a route';
  return null;
}

/** `/users/{claims.sub}`, `/v2`, `/reports/{id}.json`: what is written. */
export function pathTemplateReason(text: string): string | null {
  const bad = placeholders(text).find((name) => !isParameter(name) && !isClaim(name));
  return shapeReason(text) ?? (bad === undefined ? null : `{${bad}} is neither a parameter nor a claim`);
}

/** `/orders/{id}`: what is matched; each parameter one whole element, each name once. */
export function pathPatternReason(text: string): string | null {
  const wrong = shapeReason(text);
  if (wrong !== null) return wrong;
  const names = placeholders(text);
  if (names.some(isClaim)) return 'claims cannot be matched, only written';
  const bad = names.find((name) => !isParameter(name));
  if (bad !== undefined) return `{${bad}} is not a parameter's name, which begins with a letter and has letters, digits, _ and -`;
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) return `{${twice}} stands in it twice`;
  const partial = text.split('/').find((element) => element.includes('{') && !/^\{[^{}]*\}$/.test(element));
  return partial === undefined ? null : `a parameter is a whole element, ${partial} is not`;
}
