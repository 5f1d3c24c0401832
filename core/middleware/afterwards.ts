/** For steps that only watch: what they do when the steps below are done, whether these failed or not. */

/** Returns the promise it was given: an async function with a `finally` would make three more, at every request. */
export function afterwards(answered: Promise<void>, finish: () => void): Promise<void> {
  answered.then(finish, finish);
  return answered;
}
