/** Time and chance as parameters, so that nothing that decides by them needs a sleep or luck to be tested. */
export interface Clock {
  /** Milliseconds from an arbitrary start; never goes back. */
  now(): number;
  /** Milliseconds since 1970, for what leaves the process. */
  epoch(): number;
}

/** A number from 0 up to, not including, 1. */
export type Random = () => number;

export const systemClock: Clock = {
  now: () => performance.now(),
  epoch: () => Date.now(),
};
