/** Work at the pace at which it would come, whoever is fast or slow. */
import { setTimeout as pause } from 'node:timers/promises';

export interface Stream {
  /** How many a second. */
  readonly rate: number;
  /** The n-th. */
  readonly work: (nth: number) => Promise<unknown>;
}

/** Milliseconds: what falls due within it is begun at once. */
const STEP = 10;

/** Resolves when all is done that fell due in these seconds; rejects when any of it fails. */
export async function atPace(seconds: number, streams: readonly Stream[]): Promise<void> {
  const begun = performance.now();
  const counts = streams.map(() => 0);
  const underWay: Promise<unknown>[] = [];
  for (;;) {
    const passed = Math.min((performance.now() - begun) / 1000, seconds);
    for (const [at, { rate, work }] of streams.entries()) {
      for (let nth = counts[at] ?? 0; nth < Math.floor(passed * rate); nth += 1) {
        counts[at] = nth + 1;
        const one = work(nth);
        one.catch(() => {}); // told below
        underWay.push(one);
      }
    }
    if (passed >= seconds) break;
    await pause(STEP);
  }
  await Promise.all(underWay);
}
