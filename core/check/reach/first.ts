/** Who comes first of some candidates, before and after, for every way in which their conditions can turn out. */

/** Something that a request has or has not; equal keys mean the same thing. */
export interface Condition {
  readonly key: string;
  /** Of what: conditions with the same subject may hold each other up, or rule each other out. */
  readonly subject: string;
  /** A plain value that the subject must have; undefined for an expression. */
  readonly value?: string | undefined;
  /** Whether a plain value of the subject would do. */
  holds?(value: string): boolean;
  /** Whether the subject has one value only. */
  readonly single?: boolean;
}

export interface Candidate<T> {
  readonly of: T;
  readonly conditions: readonly Condition[];
}

type Known = ReadonlyMap<string, { readonly condition: Condition; readonly holds: boolean }>;

/** Beyond as many steps every pair is taken for possible: too many are named then, and never too few. */
const STEPS = 4096;

/** The pairs of firsts, before and after, that some request has; null where no candidate takes it. A pair may come more than once. */
export function* firsts<T>(before: readonly Candidate<T>[], after: readonly Candidate<T>[]): Generator<readonly [T | null, T | null]> {
  let steps = 0;

  function* meet(known: Known): Generator<readonly [T | null, T | null]> {
    if (++steps > STEPS) return;
    const now = settle(after, known);
    const then = settle(before, known);
    const open = now.open ?? then.open;
    if (open === undefined) {
      yield [then.first, now.first];
      return;
    }
    for (const holds of [true, false])
      if (isPossible(known, open, holds)) yield* meet(new Map(known).set(open.key, { condition: open, holds }));
  }

  yield* meet(new Map());
  if (steps > STEPS) for (const then of [...before, null]) for (const now of [...after, null]) yield [then?.of ?? null, now?.of ?? null];
}

/** The first one, or the condition that must be decided before it is known. */
function settle<T>(candidates: readonly Candidate<T>[], known: Known): { readonly first: T | null; readonly open?: Condition } {
  for (const { of, conditions } of candidates) {
    if (conditions.some(({ key }) => known.get(key)?.holds === false)) continue;
    const open = conditions.find(({ key }) => !known.has(key));
    return open === undefined ? { first: of } : { first: null, open };
  }
  return { first: null };
}

/** Whether a condition can turn out so, beside what is known. */
function isPossible(known: Known, open: Condition, holds: boolean): boolean {
  for (const { condition, holds: held } of known.values()) {
    if (condition.subject !== open.subject) continue;
    if (held && condition.value !== undefined && contradicts(condition, open, holds)) return false;
    if (holds && open.value !== undefined && contradicts(open, condition, held)) return false;
  }
  return true;
}

/** The subject has the plain value of `one`: can `other` turn out so? */
function contradicts({ value = '', single = false }: Condition, other: Condition, holds: boolean): boolean {
  const would = other.value === undefined ? (other.holds?.(value) ?? holds) : other.value === value;
  return would ? !holds : holds && single;
}
