/** Endpoints that stand by: used only while none of those before them is to be had. */

export interface Ranked {
  /** The lowest goes first. */
  readonly priority: number;
}

/** Those of the lowest number among these (RFC 2782, priority). The same array when all have the same. */
export function foremost<T extends Ranked>(candidates: readonly T[]): readonly T[] {
  let lowest = candidates[0]?.priority ?? 0;
  let mixed = false;
  for (const { priority } of candidates) {
    if (priority === lowest) continue;
    mixed = true;
    if (priority < lowest) lowest = priority;
  }
  return mixed ? candidates.filter(({ priority }) => priority === lowest) : candidates;
}
