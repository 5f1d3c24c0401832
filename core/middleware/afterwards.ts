/** For steps that only watch: what they do when the steps below are done, whether these failed or not. */
import type { FinishingStep, State } from '../context.ts';

/**
 * Returns the promise it was given: an async function with a `finally` would make three more, at every request. Those who watch
 * one promise share one turn, for the same reason.
 */
export function afterwards(state: Pick<State, 'finishing'>, answered: Promise<void>, finish: () => void): Promise<void> {
  const step: FinishingStep = { finish, above: undefined };
  if (state.finishing?.answered === answered) {
    state.finishing.last.above = step;
    state.finishing.last = step;
    return answered;
  }
  state.finishing = { answered, last: step };
  finishAll(answered, step);
  return answered;
}

function finishAll(answered: Promise<void>, first: FinishingStep): void {
  const done = () => {
    for (let one: FinishingStep | undefined = first; one; one = one.above) guarded(one.finish);
  };
  answered.then(done, done);
}

function guarded(finish: () => void): void {
  try {
    finish();
  } catch (fault) {
    // Nobody waits for this: thrown on, it would be an unhandled rejection, which ends the process.
    process.emitWarning(fault instanceof Error ? fault : String(fault));
  }
}
