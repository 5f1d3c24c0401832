/** Who comes first of some candidates, before and after, for every way in which their conditions can turn out. */
import type { Work } from '../turns.ts';

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
  /** Whether it stands on both sides, in the same order beside all the others that do: a pair of such ones is no news. */
  readonly kept?: boolean;
}

/** What is known of the conditions, by their subjects. */
type Known = Map<string, Map<string, { readonly condition: Condition; readonly holds: boolean }>>;

/**
 * The pairs of firsts, before and after, that some request has, and of which not both were kept; null where no candidate takes it.
 * A pair may be found more than once.
 *
 * @param most steps; beyond them every pair is taken for possible: too many are named then, and never too few
 */
export function* firsts<T>(
  before: readonly Candidate<T>[],
  after: readonly Candidate<T>[],
  found: (before: T | null, after: T | null) => void,
  most = 4096,
): Work<void> {
  const known: Known = new Map();
  let steps = 0;

  const isFalse = ({ subject, key }: Condition): boolean => known.get(subject)?.get(key)?.holds === false;
  const isOpen = ({ subject, key }: Condition): boolean => known.get(subject)?.get(key) === undefined;
  const openIn = ({ conditions }: Candidate<T>): Condition | undefined => conditions.find(isOpen);
  const isFree = freeConditions([...before, ...after.filter(isNews)]);
  /** What decides whether anything new takes it at all: undefined when something does. */
  const openOfNews = (list: readonly Candidate<T>[]): Condition | undefined => {
    const news = list.filter(isNews);
    return news.length > FEW || news.some((one) => openIn(one) === undefined) ? undefined : news.map(openIn)[0];
  };
  /** The first of those that can still be, or the condition that must be decided before it is known. */
  const settle = (list: readonly Candidate<T>[]) => {
    const first = list[0] ?? null;
    return { first, open: first === null ? undefined : openIn(first) };
  };

  function* meet(before: readonly Candidate<T>[], after: readonly Candidate<T>[]): Work<void> {
    let [then, now] = [before, after];
    const decided: Condition[] = [];
    // Those that were kept live and die together.
    while (++steps <= most && (then.some(isNews) || now.some(isNews))) {
      if (steps % PAUSE === 0) yield;
      const [left, right] = [settle(then), settle(now)];
      const onlyKept = !isNews(left.first) && !isNews(right.first);
      // It takes what is no news, or leaves all to the others: nothing else depends on which.
      if (onlyKept && left.first?.conditions.some((one) => isOpen(one) && isFree(one))) {
        [then, now] = [then.slice(1), now.slice(1)];
        continue;
      }
      const open = (onlyKept ? openOfNews([...now, ...then]) : undefined) ?? right.open ?? left.open;
      if (open === undefined) {
        if (isNews(left.first) || isNews(right.first)) found(left.first?.of ?? null, right.first?.of ?? null);
        break;
      }
      const beside = known.get(open.subject) ?? new Map();
      known.set(open.subject, beside);
      if (isPossible(beside, open, true)) {
        beside.set(open.key, { condition: open, holds: true });
        yield* meet(then, now);
        beside.delete(open.key);
      }
      if (!isPossible(beside, open, false)) break;
      beside.set(open.key, { condition: open, holds: false });
      decided.push(open);
      [then, now] = [alive(then), alive(now)];
    }
    for (const { subject, key } of decided) known.get(subject)?.delete(key);
  }
  const alive = (list: readonly Candidate<T>[]) => list.filter(({ conditions }) => !conditions.some(isFalse));

  yield* meet(before, after);
  if (steps <= most) return;
  for (const then of [...before, null]) {
    yield;
    for (const now of [...after, null]) if (isNews(then) || isNews(now)) found(then?.of ?? null, now?.of ?? null);
  }
}

/** Whether a condition is of one candidate alone, and says nothing of any other condition. */
function freeConditions<T>(candidates: readonly Candidate<T>[]): (condition: Condition) => boolean {
  const conditions = candidates.flatMap((one) => one.conditions);
  const plain = new Set(conditions.flatMap(({ subject, value }) => (value === undefined ? [] : [subject])));
  const group = ({ subject, key }: Condition) => (plain.has(subject) ? subject : key);
  const counts = new Map<string, number>();
  for (const one of conditions) counts.set(group(one), (counts.get(group(one)) ?? 0) + 1);
  return (condition) => counts.get(group(condition)) === 1;
}

/** News of which it pays to know first whether they take anything at all. */
const FEW = 8;

/** Steps. */
const PAUSE = 16;

const isNews = <T>(one: Candidate<T> | null): boolean => one !== null && !one.kept;

/** Whether a condition can turn out so, beside what is known of its subject. */
function isPossible(
  beside: ReadonlyMap<string, { readonly condition: Condition; readonly holds: boolean }>,
  open: Condition,
  holds: boolean,
) {
  for (const { condition, holds: held } of beside.values()) {
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
