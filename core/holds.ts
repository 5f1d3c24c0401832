/** Counts who still needs something that has been replaced, and tells when nobody does. A number, for every request counts. */

/** What goes on behind the answer to a request needs what the request was served with as well. */
export interface Holds {
  /** Whether another has taken the place of what is needed: what is done for it is for nobody who comes later. */
  readonly replaced: boolean;
  /** One more needs it, and owes a `leave`. */
  enter(): void;
  leave(): void;
}

export class Counted implements Holds {
  #count = 0;
  #onNone: (() => void) | undefined;

  get none(): boolean {
    return this.#count === 0;
  }

  get replaced(): boolean {
    return this.#onNone !== undefined;
  }

  enter(): void {
    this.#count += 1;
  }

  leave(): void {
    this.#count -= 1;
    if (this.#count === 0 && this.#onNone) this.#onNone();
  }

  /** Calls back when nobody needs it: now, or whenever the last one leaves. */
  whenNone(callback: () => void): void {
    this.#onNone = callback;
    if (this.#count === 0) callback();
  }
}

/** For who asks nobody. */
export const uncounted: Holds = { replaced: false, enter() {}, leave() {} };
