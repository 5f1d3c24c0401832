/** For layers that only watch: those that watch one promise hang on to it together, for each `then` of its own costs every request. */
import { Chain } from '../chain.ts';
import type { Attempt, Watcher, Watching } from './exchange.ts';
import type { UpstreamResponse } from './response.ts';

/** @returns the answer that was given, so that nobody above waits for another promise. Neither function may throw */
export function watch(
  attempt: Attempt,
  answer: Promise<UpstreamResponse>,
  onAnswer: Watcher['onAnswer'],
  onFailure: Watcher['onFailure'],
): Promise<UpstreamResponse> {
  const watcher: Watcher = { onAnswer, onFailure };
  if (attempt.watching?.answer === answer) {
    attempt.watching.watchers.add(watcher);
    return answer;
  }
  attempt.watching = { answer, watchers: new Chain(watcher) };
  tellAll(attempt.watching);
  return answer;
}

function tellAll({ answer, watchers }: Watching): void {
  answer.then(
    (response) => watchers.each(({ onAnswer }) => onAnswer(response)),
    (error) => watchers.each(({ onFailure }) => onFailure(error)),
  );
}
