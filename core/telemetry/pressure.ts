/** How hard-pressed this process is: the delay of its event loop and the fill of its heap, each beside what is allowed. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';
import type { OverloadConfig } from '../config/schema/index.ts';

export interface Pressure {
  /** 1 where a limit is reached, 2 where it is exceeded as far again. Read at every request: a number, made twice a second. */
  level(): number;
  stop(): void;
}

/** Milliseconds between two looks. */
const EVERY = 500;
/** Milliseconds: the resolution that node measures the delay with, which it counts in. */
const RESOLUTION = 10;

/** @param allowed asked at every look, for it may change @param onChange told when the gateway begins to refuse, and when that is over: the log */
export function measurePressure(allowed: () => OverloadConfig, onChange: (overloaded: boolean, level: number) => void): Pressure {
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION });
  delays.enable();
  let level = 0;
  let delayBefore = 0;
  const timer = setInterval(() => {
    const { eventLoopDelay, heap } = allowed();
    const delay = Math.max(0, delays.percentile(99) / 1e6 - RESOLUTION);
    delays.reset();
    const { used_heap_size, heap_size_limit } = getHeapStatistics();
    // The lesser of two in a row: a single long turn, of a collection of garbage or a neighbour's, is no overload.
    const before = level;
    level = Math.max(Math.min(delay, delayBefore) / eventLoopDelay, heapLevel(used_heap_size / heap_size_limit, heap));
    delayBefore = delay;
    if (level >= 1 !== before >= 1) onChange(level >= 1, level);
  }, EVERY).unref();
  return {
    level: () => level,
    stop() {
      clearInterval(timer);
      delays.disable();
    },
  };
}

/** Between the limit and a full heap there is room for one half more only: that counts as twice the limit. */
function heapLevel(share: number, limit: number): number {
  return share < limit ? share / limit : 1 + (share - limit) / Math.max(0.001, (1 - limit) / 2);
}
