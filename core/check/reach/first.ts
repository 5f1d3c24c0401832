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
  /** Where given: a pair of equal ones is no news, and need not be found. */
  readonly identity?: string;
}

type Known = ReadonlyMap<string, { readonly condition: Condition; readonly holds: boolean }>;

/**
 * The pairs of firsts, before and after, that some request has; null where no candidate takes it. A pair may come more than once.
 *
 * @param most steps; beyond them every pair is taken for possible: too many are named then, and never too few
 */
export function* firsts<T>(
  before: readonly Candidate<T>[],
  after: readonly Candidate<T>[],
  most = 4096,
): Generator<readonly [T | null, T | null]> {
  let steps = 0;

  function* meet(known: Known): Generator<readonly [T | null, T | null]> {
    if (++steps > most) return;
    const [then, now] = [before, after].map((list) => list.filter((one) => isAlive(one, known)));
    if (then === undefined || now === undefined || isOld(then, now)) return;
    const [left, right] = [settle(then, known), settle(now, known)];
    const open = openOfNews(then, now, known) ?? right.open ?? left.open;
    if (open === undefined) {
      yield [left.first, right.first];
      return;
    }
    for (const holds of [true, false])
      if (isPossible(known, open, holds)) yield* meet(new Map(known).set(open.key, { condition: open, holds }));
  }

  yield* meet(new Map());
  if (steps > most) for (const then of [...before, null]) for (const now of [...after, null]) yield [then?.of ?? null, now?.of ?? null];
}

const isAlive = <T>({ conditions }: Candidate<T>, known: Known): boolean => conditions.every(({ key }) => known.get(key)?.holds !== false);

const openIn = <T>({ conditions }: Candidate<T>, known: Known): Condition | undefined => conditions.find(({ key }) => !known.has(key));

/** Whether what can still be first is the same before and after. */
const isOld = <T>(before: readonly Candidate<T>[], after: readonly Candidate<T>[]): boolean =>
  before.length === after.length && before.every(({ identity }, at) => identity !== undefined && identity === after[at]?.identity);

/** Decided first, for without what is new all may be the same. */
function openOfNews<T>(before: readonly Candidate<T>[], after: readonly Candidate<T>[], known: Known): Condition | undefined {
  const [then, now] = [before, after].map((list) => new Set(list.map(({ identity }) => identity)));
  const isNews = ({ identity }: Candidate<T>) => identity !== undefined && !(then?.has(identity) && now?.has(identity));
  for (const one of [...after, ...before]) {
    const open = isNews(one) ? openIn(one, known) : undefined;
    if (open !== undefined) return open;
  }
  return undefined;
}

/** The first of those that can still be, or the condition that must be decided before it is known. */
function settle<T>(alive: readonly Candidate<T>[], known: Known): { readonly first: T | null; readonly open?: Condition } {
  const [first] = alive;
  if (first === undefined) return { first: null };
  const open = openIn(first, known);
  return open === undefined ? { first: first.of } : { first: null, open };
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
