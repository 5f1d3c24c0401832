/** The path of a part (`aggregate.parts.NAME.path`): a template with a query, whose names may stand in both. */
import { isClaim, isParameter, placeholders } from './path-formats.ts';

/** `query.page`: a query parameter of the request. */
const query = /^query\.([A-Za-z0-9_.~-]+)$/;
/** `parts.user.team.0`: the part, and the fields or positions that lead to the value. */
const part = /^parts\.([A-Za-z0-9][A-Za-z0-9_-]{0,62})((?:\.[A-Za-z0-9_-]+)+)$/;

export const queryNamed = (name: string): string | undefined => query.exec(name)?.[1];

export function partNamed(name: string): { readonly part: string; readonly fields: readonly string[] } | undefined {
  const [, named, fields] = part.exec(name) ?? [];
  return named === undefined || fields === undefined ? undefined : { part: named, fields: fields.slice(1).split('.') };
}

/** The parts whose answers a path is made from. */
export const partsIn = (path: string): readonly string[] => placeholders(path).flatMap((name) => partNamed(name)?.part ?? []);

/** What is wrong with the path of a part, or null. */
export function partPathReason(text: string): string | null {
  if (!text.startsWith('/')) return 'it begins with /';
  const bare = text.replaceAll(/\{([^{}]*)\}/g, '');
  if (/[^!-~]/.test(text) || /[#\\]/.test(text))
    return 'it has a space, a backslash, a # or another character that must be percent-encoded';
  if (/%(2f|5c|0\d|0[a-f]|1[0-9a-f]|7f)/i.test(bare.split('?', 1)[0] ?? '') || /\/\.{1,2};/.test(bare))
    return 'no service is asked for a path with an encoded slash, backslash or control character, or with dots and a semicolon';
  const [path = '', ...rest] = text.replaceAll(/\{([^{}]*)\}/g, 'x').split('?');
  if (rest.length > 1) return 'it has two question marks';
  if (/[{}]/.test(path + rest.join(''))) return 'its braces do not pair';
  if (/%(?![0-9A-Fa-f]{2})/.test(text)) return '% is not followed by two hexadecimal digits';
  if (/\/\/|\/(\.|%2e){1,2}(?=\/|$)/i.test(path)) return 'no service is asked for a path with empty elements, . or ..';
  const bad = placeholders(text).find((name) => !isParameter(name) && !isClaim(name) && !queryNamed(name) && !partNamed(name));
  return bad === undefined ? null : `{${bad}} is no parameter, no claims.name, no query.name and no parts.name.field`;
}
