/** Media types as contracts name them: `application/json`, `image/*`. */
import type { Located } from './document.ts';

/** In lower case and without parameters. */
export const essence = (type: string): string => (type.split(';', 1)[0] as string).trim().toLowerCase();

export const jsonType = (type: string): boolean => /^(?:application|text)\/json$|^[^/]+\/[^/]+\+json$/.test(essence(type));

const PARAMETER = /;[ \t]*(?:([\w!#$%&'*+.^`|~-]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s;"]*)))?[ \t]*/y;

/**
 * The parameters of a media type or a disposition (RFC 9110 section 5.6.6), their names in lower case, quoted values as they stand
 * between the quotes. Undefined where readers differ: one stands there twice, or something is none.
 */
export function parametersOf(field: string): ReadonlyMap<string, string> | undefined {
  const parameters = new Map<string, string>();
  const start = field.indexOf(';');
  PARAMETER.lastIndex = start === -1 ? field.length : start;
  while (PARAMETER.lastIndex < field.length) {
    const [, name, quoted, plain = ''] = PARAMETER.exec(field) ?? [];
    // A match that fails begins anew.
    if (PARAMETER.lastIndex === 0) return undefined;
    if (name === undefined) continue;
    if (parameters.has(name.toLowerCase())) return undefined;
    parameters.set(name.toLowerCase(), quoted ?? plain);
  }
  return parameters;
}

/** The one of a content's types that a given type is, the most exact one; of several with parameters, the one whose parameters it has. */
export function matching<T>(given: string, content: ReadonlyMap<string, T>): T | undefined {
  const exact = content.get(given);
  if (exact !== undefined) return exact;
  const parameters = parametersOf(given);
  let best: T | undefined;
  let bestRank = -1;
  for (const [type, value] of content) {
    const exactness = exactnessOf(essence(type), essence(given));
    const rank = exactness === -1 ? -1 : exactness * 100 + fitOf(parametersOf(type), parameters);
    if (rank > bestRank) [best, bestRank] = [value, rank];
  }
  return best;
}

/** -1 where it is not of that type or range. */
function exactnessOf(range: string, type: string): number {
  if (range === type) return 3;
  const [major, suffix] = range.split('/*', 2) as [string, string?];
  if (suffix === undefined || (range !== '*/*' && !type.startsWith(`${major}/`))) return -1;
  if (suffix !== '') return suffix.startsWith('+') && type.endsWith(suffix) ? 2 : -1;
  return range === '*/*' ? 0 : 1;
}

/** A type without parameters is fitter than one whose parameters are others. */
function fitOf(wanted: ReadonlyMap<string, string> | undefined, given: ReadonlyMap<string, string> | undefined): number {
  if (!wanted || wanted.size === 0) return 1;
  const fits = [...wanted].every(([name, value]) => given?.get(name)?.toLowerCase() === value.toLowerCase());
  return fits ? 1 + wanted.size : 0;
}

/** By type and parameters, as they stand but for the case of the type. */
export const contentOf = (members: readonly (readonly [string, Located])[]): Map<string, Located> =>
  new Map(members.map(([type, place]) => [essence(type) + type.slice(type.split(';', 1)[0]?.length).trimEnd(), place]));
