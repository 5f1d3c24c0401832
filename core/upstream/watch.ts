/** For layers that only watch: those that watch one promise hang on to it together, for each `then` of its own costs every request. */
import type { Attempt, Watcher } from './exchange.ts';
import type { UpstreamResponse } from './response.ts';

/** @returns the answer that was given, so that nobody above waits for another promise. Neither function may throw */
export function watch(
  attempt: Attempt,
  answer: Promise<UpstreamResponse>,
  onAnswer: Watcher['onAnswer'],
  onFailure: Watcher['onFailure'],
): Promise<UpstreamResponse> {
  const watcher: Watcher = { onAnswer, onFailure, above: undefined };
  if (attempt.watching?.answer === answer) {
    attempt.watching.last.above = watcher;
    attempt.watching.last = watcher;
    return answer;
  }
  attempt.watching = { answer, last: watcher };
  tellAll(answer, watcher);
  return answer;
}

function tellAll(answer: Promise<UpstreamResponse>, first: Watcher): void {
  answer.then(
    (response) => {
      for (let one: Watcher | undefined = first; one; one = one.above) one.onAnswer(response);
    },
    (error) => {
      for (let one: Watcher | undefined = first; one; one = one.above) one.onFailure(error);
    },
  );
}
