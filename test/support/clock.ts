/** A clock that stands still until it is told to go on. */
import type { Clock } from '../../core/clock.ts';

export interface TestClock extends Clock {
  advance(milliseconds: number): void;
  /** Whole seconds since 1970, as claims have them. */
  seconds(): number;
}

export function testClock(epoch = 1_800_000_000_000): TestClock {
  let passed = 0;
  return {
    now: () => 1_000 + passed,
    epoch: () => epoch + passed,
    seconds: () => Math.floor((epoch + passed) / 1000),
    advance(milliseconds) {
      passed += milliseconds;
    },
  };
}
