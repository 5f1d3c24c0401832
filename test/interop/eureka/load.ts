/** A light, steady load: one request after the other, with a breath between them, until it is stopped. */
import type { Answer } from './pair.ts';

export interface Load {
  /** All so far; the status is 0 where there was no answer, and the body then says why. */
  readonly answers: readonly Answer[];
  stop(): Promise<void>;
}

/** Milliseconds. */
const BREATH = 10;

export function startLoad(ask: () => Promise<Answer>): Load {
  const answers: Answer[] = [];
  let over = false;
  const run = async () => {
    while (!over) {
      answers.push(await ask().catch((error: unknown) => ({ status: 0, body: String(error) })));
      await new Promise((resolve) => setTimeout(resolve, BREATH));
    }
  };
  const running = run();
  return {
    answers,
    stop() {
      over = true;
      return running;
    },
  };
}
