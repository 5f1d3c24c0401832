/** A light, steady load: one request after the other, with a breath between them, until it is stopped. */
import type { Answer } from './pair.ts';

export interface Load {
  /** All so far. */
  readonly answers: readonly Answer[];
  /** @throws when a request got no answer at all */
  stop(): Promise<void>;
}

/** Milliseconds. */
const BREATH = 10;

export function startLoad(ask: () => Promise<Answer>): Load {
  const answers: Answer[] = [];
  let over = false;
  const run = async () => {
    while (!over) {
      answers.push(await ask());
      await new Promise((resolve) => setTimeout(resolve, BREATH));
    }
  };
  const running = run();
  running.catch(() => undefined); // told by `stop`
  return {
    answers,
    stop() {
      over = true;
      return running;
    },
  };
}
