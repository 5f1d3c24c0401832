/** A new endpoint's share of the traffic, growing while its caches and its compiler warm up. */

/** What it begins with: enough to warm up by, as in Envoy (`min_weight_percent`). */
const LEAST = 0.1;

/**
 * The part of its weight that an endpoint has at `now` when it began at `since`: a straight line (Envoy's slow start with
 * aggression 1) from a tenth to 1 at the end of `duration`. All in milliseconds; a duration of 0 is no slow start.
 */
export function ramp(since: number, now: number, duration: number): number {
  if (now - since >= duration) return 1;
  return Math.max(LEAST, (now - since) / duration);
}
