/** Asks again and again until the answer will do: for what happens soon, but at nobody's call. */
import { setTimeout as pause } from 'node:timers/promises';

export async function eventually<T>(question: () => T | Promise<T>, isRight: (answer: T) => boolean, within = 5_000): Promise<T> {
  const end = performance.now() + within;
  for (;;) {
    const answer = await question();
    if (isRight(answer)) return answer;
    if (performance.now() > end) throw new Error(`still ${JSON.stringify(answer)} after ${within} ms`);
    await pause(10);
  }
}
