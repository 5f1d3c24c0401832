/** For layers that only watch: those that watch one promise hang on to it together, for each `then` of its own costs every request. */
import type { Attempt } from './exchange.ts';
import type { UpstreamResponse } from './response.ts';

type OnAnswer = (response: UpstreamResponse) => void;
type OnFailure = (error: unknown) => void;

/** Those who watch one promise, the lowest first. */
export class Watching {
  readonly answer: Promise<UpstreamResponse>;
  readonly #onAnswer: OnAnswer[] = [];
  readonly #onFailure: OnFailure[] = [];

  constructor(answer: Promise<UpstreamResponse>) {
    this.answer = answer;
    answer.then(
      (response) => {
        for (const tell of this.#onAnswer) tell(response);
      },
      (error) => {
        for (const tell of this.#onFailure) tell(error);
      },
    );
  }

  add(onAnswer: OnAnswer, onFailure: OnFailure): void {
    this.#onAnswer.push(onAnswer);
    this.#onFailure.push(onFailure);
  }
}

/** @returns the answer that was given, so that nobody above waits for another promise. Neither function may throw */
export function watch(
  attempt: Attempt,
  answer: Promise<UpstreamResponse>,
  onAnswer: OnAnswer,
  onFailure: OnFailure,
): Promise<UpstreamResponse> {
  if (attempt.watching?.answer !== answer) attempt.watching = new Watching(answer);
  attempt.watching.add(onAnswer, onFailure);
  return answer;
}
