/** For steps that only watch: what they do when the steps below are done, whether these failed or not. */
import { Chain } from '../chain.ts';
import type { Finishing, State } from '../context.ts';

/**
 * Returns the promise it was given: an async function with a `finally` would make three more, at every request. Those who watch
 * one promise share one turn, for the same reason.
 */
export function afterwards(state: Pick<State, 'finishing'>, answered: Promise<void>, finish: () => void): Promise<void> {
  if (state.finishing?.answered === answered) {
    state.finishing.steps.add(finish);
    return answered;
  }
  state.finishing = { answered, steps: new Chain(finish) };
  finishAll(state.finishing);
  return answered;
}

function finishAll({ answered, steps }: Finishing): void {
  const done = () => steps.each(guarded);
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
