/** For steps that only watch: what they do when the steps below are done, whether these failed or not. */

/** Returns the promise it was given: an async function with a `finally` would make three more, at every request. */
export function afterwards(answered: Promise<void>, finish: () => void): Promise<void> {
  const guarded = () => {
    try {
      finish();
    } catch (fault) {
      // Nobody waits for this: thrown on, it would be an unhandled rejection, which ends the process.
      process.emitWarning(fault instanceof Error ? fault : String(fault));
    }
  };
  answered.then(guarded, guarded);
  return answered;
}
