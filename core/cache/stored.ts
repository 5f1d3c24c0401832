/** A stored answer, and what it is found by. */
import type { Reusable } from './freshness.ts';

export interface Stored extends Reusable {
  /** Its whole key: see `Store.find`. */
  readonly key: string;
  /** What selected it among the answers for the same resource (vary.ts), sorted. */
  readonly names: readonly string[];
  readonly route: string;
  /** What the client asked for: host and path, without a scheme and without a query. */
  readonly resource: string;
  /** Without the question mark. */
  readonly query: string;
  /** As much of another query as counts on the same route. */
  readonly queryOf: (query: string) => string;
  readonly status: number;
  readonly statusText: string;
  /** As they are given on, flat; without Age. */
  readonly fields: readonly string[];
  readonly body: Buffer;
  /** Seconds, when it was received. */
  readonly age: number;
  /** By the monotonic clock, in milliseconds. */
  readonly receivedAt: number;
}
