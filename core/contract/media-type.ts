/** Media types as contracts name them: `application/json`, `image/*`. */
import type { Located } from './document.ts';

/** In lower case and without parameters. */
export const essence = (type: string): string => (type.split(';', 1)[0] as string).trim().toLowerCase();

export const jsonType = (type: string): boolean => /^application\/json$|^[^/]+\/[^/]+\+json$/.test(essence(type));

/** The one of a content's types that a given type is, the most exact one. */
export function matching<T>(given: string, content: ReadonlyMap<string, T>): T | undefined {
  const type = essence(given);
  return content.get(type) ?? content.get(`${type.split('/', 1)[0]}/*`) ?? content.get('*/*');
}

export const contentOf = (members: readonly (readonly [string, Located])[]): Map<string, Located> =>
  new Map(members.map(([type, place]) => [essence(type), place]));

/** The parameter `charset`, in lower case. */
export const charset = (type: string): string | undefined => /;\s*charset\s*=\s*"?([^\s;"]+)/i.exec(type)?.[1]?.toLowerCase();
