/** Whether one route of the public gateway lets in whom another does not. */
import type { PublicExposure } from '../../config/schema/index.ts';

export const isAnonymous = ({ access }: PublicExposure): boolean => access === 'anonymous';

/** What the first asks of its users and the second does not: nothing, where the second lets in nobody that the first does not. */
export function askedNoMore(before: PublicExposure, after: PublicExposure): readonly string[] {
  if (isAnonymous(before)) return [];
  if (isAnonymous(after)) return ['a user'];
  const scopes = (before.scopes ?? []).filter((scope) => !after.scopes?.includes(scope)).map((scope) => `the scope ${scope}`);
  const claims = Object.entries(before.claims ?? {}).flatMap(([name, values]) => {
    const now = after.claims?.[name];
    if (now === undefined) return [`the claim ${name} (${values.join(', ')})`];
    const more = now.filter((value) => !values.includes(value));
    return more.length === 0 ? [] : [`the claim ${name} other than ${more.map((value) => JSON.stringify(value)).join(', ')}`];
  });
  return [...scopes, ...claims];
}
