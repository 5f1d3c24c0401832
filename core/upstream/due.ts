/**
 * Waits that are all equally long, and most of which are given up: they become due in the order they began, so that one timer serves
 * all of them, where a timer of its own for each would cost every request.
 */
import type { Clock } from '../clock.ts';

export interface Wait {
  readonly callback: () => void;
  readonly dueAt: number;
  /** Undefined where it is over. */
  earlier: Wait | undefined;
  later: Wait | undefined;
}

export class Due {
  readonly #milliseconds: number;
  readonly #clock: Clock;
  #first: Wait | undefined;
  #last: Wait | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(milliseconds: number, clock: Clock) {
    this.#milliseconds = milliseconds;
    this.#clock = clock;
  }

  /** @param now by the clock */
  begin(now: number, callback: () => void): Wait {
    const wait: Wait = { callback, dueAt: now + this.#milliseconds, earlier: this.#last, later: undefined };
    if (this.#last) this.#last.later = wait;
    else this.#first = wait;
    this.#last = wait;
    if (!this.#timer) this.#set(wait, now);
    return wait;
  }

  /** It becomes due no more. Once for each. */
  end(wait: Wait): void {
    if (wait.earlier) wait.earlier.later = wait.later;
    else if (this.#first === wait) this.#first = wait.later;
    else return;
    if (wait.later) wait.later.earlier = wait.earlier;
    else this.#last = wait.earlier;
    wait.earlier = wait.later = undefined;
  }

  /** It keeps no process alive: whoever waits has a connection that does. */
  #set({ dueAt }: Wait, now: number): void {
    this.#timer = setTimeout(() => this.#fire(dueAt), dueAt - now).unref();
  }

  /** @param dueAt of the one that the timer was set for, which may be a fraction of a millisecond early, as timers are */
  #fire(dueAt: number): void {
    const now = this.#clock.now();
    try {
      for (let first = this.#first; first && first.dueAt <= Math.max(now, dueAt); first = this.#first) {
        this.end(first);
        first.callback();
      }
    } finally {
      // Not before: what one that is told begins may stand behind others that are due before it.
      this.#timer = undefined;
      if (this.#first) this.#set(this.#first, now);
    }
  }
}
