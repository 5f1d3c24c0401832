/** The paths a configuration may hold: what a route matches and what it is rewritten to. Each says what is wrong, or null. */

const placeholder = /\{([^{}]*)\}/g;
const parameter = /^[A-Za-z_][A-Za-z0-9_-]*$/;
const claim = /^claims\.[^\s/{}]+$/;

/** The names between braces. */
export const placeholders = (template: string): string[] => [...template.matchAll(placeholder)].map(([, name]) => name ?? '');

export const isClaim = (name: string): boolean => claim.test(name);

function shapeReason(text: string): string | null {
  if (!text.startsWith('/')) return 'it begins with /';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/[\s\u0000-\u001f\u007f]/.test(text)) return 'it has a space or a control character; write %20 for a space';
  if (/[?#]/.test(text)) return 'a path has no query and no fragment';
  if (text.includes('\\')) return 'it has a backslash';
  if (/[{}]/.test(text.replaceAll(placeholder, ''))) return 'its braces do not pair';
  if (/%(?![0-9A-Fa-f]{2})/.test(text)) return '% is not followed by two hexadecimal digits';
  const names = placeholders(text);
  const bad = names.find((name) => !parameter.test(name) && !claim.test(name));
  if (bad !== undefined) return `{${bad}} is not the name of a parameter`;
  // Requests arrive without these (canonical-path.ts), so such a route would never match.
  if (/\/\/|\/\.{1,2}(?=\/|$)/.test(text)) return 'empty elements, . and .. never reach a route';
  return null;
}

/** `/users/{claims.sub}`, `/v2`. */
export const pathTemplateReason = shapeReason;

/** `/orders/{id}`: each parameter one whole element, each name once. */
export function pathPatternReason(text: string): string | null {
  const wrong = shapeReason(text);
  if (wrong !== null) return wrong;
  const names = placeholders(text);
  if (names.some(isClaim)) return 'claims cannot be matched, only written';
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) return `{${twice}} stands in it twice`;
  const partial = text.split('/').find((element) => element.includes('{') && !/^\{[^{}]*\}$/.test(element));
  return partial === undefined ? null : `a parameter is a whole element, ${partial} is not`;
}
