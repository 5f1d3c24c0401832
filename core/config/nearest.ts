/** "Did you mean ...?": the nearest of a few words by edit distance. */

/** Optimal string alignment: insertions, deletions, replacements, and two neighbours swapped. */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let best = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (same ? 0 : 1));
      if (a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] && i > 1 && j > 1) best = Math.min(best, (beforeLast[j - 2] ?? 0) + 1);
      row.push(best);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? 0;
}

// Case, dashes and underscores are how other products spell the same key.
const plain = (word: string): string => word.toLowerCase().replaceAll(/[-_. ]/g, '');

/** The nearest word, when it is near enough to be a slip: a third of its letters, at least one. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Number.POSITIVE_INFINITY;
  const wanted = plain(word).slice(0, 100);
  for (const candidate of candidates) {
    const other = plain(candidate);
    const distance = editDistance(wanted, other.slice(0, 100));
    if (distance < bestDistance && distance <= Math.max(1, Math.floor(Math.max(wanted.length, other.length) / 3))) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

export function didYouMean(word: string, candidates: Iterable<string>): string | undefined {
  const found = nearest(word, candidates);
  return found === undefined || found === word ? undefined : `did you mean ${found}?`;
}
