/** For steps that only watch: what they do when the steps below are done, whether these failed or not. */
import type { State } from '../context.ts';

type Finish = () => void;

/** The steps that hang on to one promise. */
export interface Finishing {
  readonly answered: Promise<void>;
  /** From the lowest to the highest. */
  readonly steps: Finish[];
}

/**
 * Returns the promise it was given: an async function with a `finally` would make three more, at every request. Those who watch
 * one promise share one turn, for the same reason.
 */
export function afterwards(state: Pick<State, 'finishing'>, answered: Promise<void>, finish: Finish): Promise<void> {
  if (state.finishing?.answered === answered) {
    state.finishing.steps.push(finish);
    return answered;
  }
  const steps = [finish];
  state.finishing = { answered, steps };
  const done = () => {
    for (const step of steps) guarded(step);
  };
  answered.then(done, done);
  return answered;
}

function guarded(finish: Finish): void {
  try {
    finish();
  } catch (fault) {
    // Nobody waits for this: thrown on, it would be an unhandled rejection, which ends the process.
    process.emitWarning(fault instanceof Error ? fault : String(fault));
  }
}
