/** The endpoints of a service after an answer of its source: those who stay, those who join, those who leave. */
import type { Discovered } from '../registry/source.ts';

/** What there is to know of an endpoint here. */
export interface Member {
  readonly url: URL;
  fullWeight: number;
  priority: number;
  zone: string | undefined;
  healthPath: string | undefined;
  draining: boolean;
}

export interface Change<E> {
  /** The same array as before when nobody joins or leaves. */
  readonly members: readonly E[];
  readonly joined: readonly E[];
  readonly left: readonly E[];
  /** Those who stay, but are to be asked elsewhere how they are. */
  readonly moved: readonly E[];
}

/**
 * Whoever has the address it had stays the very object it was, with its connections and all that is known of it; its weight,
 * zone, priority, health path and whether it drains are those of the answer. Of more than `most` those who are there already come first.
 *
 * @param isOthers whether another list has the say on how it is
 */
export function reconcile<E extends Member>(
  present: readonly E[],
  answer: readonly Discovered[],
  join: (found: Discovered) => E,
  most: number,
  isOthers: (member: E) => boolean = () => false,
): Change<E> {
  const wanted = new Map(answer.map((found) => [found.origin, found]));
  const stay: E[] = [];
  const left: E[] = [];
  const moved: E[] = [];
  for (const member of present) {
    const { origin } = member.url;
    const found = wanted.get(origin);
    if (!found) {
      left.push(member);
      continue;
    }
    wanted.delete(origin);
    stay.push(member);
    if (isOthers(member)) continue;
    member.fullWeight = found.weight;
    member.zone = found.zone;
    member.priority = found.priority ?? 0;
    member.draining = found.drain ?? false;
    if (member.healthPath !== found.healthPath) moved.push(member);
    member.healthPath = found.healthPath;
  }
  const joined = [...wanted.values()].slice(0, Math.max(0, most - stay.length)).map(join);
  return { members: joined.length + left.length === 0 ? present : [...stay, ...joined], joined, left, moved };
}
