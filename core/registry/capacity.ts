/** How much the registry takes: what it is sent by one caller must not cost all the others theirs. */
import type { Registration } from './instance.ts';

export interface CapacityLimits {
  /** Instances at once. */
  readonly instances: number;
  /** Bytes of all instances together, as they are listed in JSON. */
  readonly bytes: number;
  /** Bytes of one registration. */
  readonly each: number;
}

/** All together are less than a gateway reads of a list (`eureka-servers.ts`), or nobody could start any more. */
export const defaultCapacity: CapacityLimits = { instances: 50_000, bytes: 62 * 1024 * 1024, each: 64 * 1024 };

/** Bytes that a list has of an instance besides what was registered: its lease, times, and names of classes. */
const LISTED = 512;

export class Capacity {
  readonly #limits: CapacityLimits;
  readonly #weights = new Map<string, number>();
  #total = 0;

  constructor(limits: CapacityLimits) {
    this.#limits = limits;
  }

  /** Takes the registration in, in place of the former of this key; says whether there was room. */
  take(key: string, registration: Registration): 'taken' | 'too-large' | 'full' {
    const size = Buffer.byteLength(JSON.stringify(registration));
    if (size > this.#limits.each) return 'too-large';
    // A list names the application once more.
    const weight = size + Buffer.byteLength(registration.app) + LISTED;
    const former = this.#weights.get(key);
    const total = this.#total - (former ?? 0) + weight;
    if (total > this.#limits.bytes || (former === undefined && this.#weights.size >= this.#limits.instances)) return 'full';
    this.#weights.set(key, weight);
    this.#total = total;
    return 'taken';
  }

  release(key: string): void {
    this.#total -= this.#weights.get(key) ?? 0;
    this.#weights.delete(key);
  }
}
