/** Long work in a process that has other things to do: it pauses where it may, and whoever runs it says for how long. */
import { setImmediate as nextTurn } from 'node:timers/promises';

/** Yields wherever it may pause. */
export type Work<T> = Generator<undefined, T>;

export function atOnce<T>(work: Work<T>): T {
  let step = work.next();
  while (!step.done) step = work.next();
  return step.value;
}

/** @param slice milliseconds, after which everybody else has a turn */
export async function inTurns<T>(work: Work<T>, slice = 5): Promise<T> {
  for (;;) {
    const end = performance.now() + slice;
    do {
      const step = work.next();
      if (step.done) return step.value;
    } while (performance.now() < end);
    await nextTurn();
  }
}
