/** How much the registry takes: what it is sent by one caller must not cost all the others theirs. */
import type { Registration } from './instance.ts';

export interface CapacityLimits {
  /** Instances at once. */
  readonly instances: number;
  /** Characters of all registrations together. */
  readonly characters: number;
  /** Characters of one. */
  readonly each: number;
}

export const defaultCapacity: CapacityLimits = { instances: 50_000, characters: 128 * 1024 * 1024, each: 64 * 1024 };

export class Capacity {
  readonly #limits: CapacityLimits;
  readonly #weights = new Map<string, number>();
  #total = 0;

  constructor(limits: CapacityLimits) {
    this.#limits = limits;
  }

  /** Takes the registration in, in place of the former of this key; says whether there was room. */
  take(key: string, registration: Registration): 'taken' | 'too-large' | 'full' {
    const weight = JSON.stringify(registration).length;
    if (weight > this.#limits.each) return 'too-large';
    const former = this.#weights.get(key);
    const total = this.#total - (former ?? 0) + weight;
    if (total > this.#limits.characters || (former === undefined && this.#weights.size >= this.#limits.instances)) return 'full';
    this.#weights.set(key, weight);
    this.#total = total;
    return 'taken';
  }

  release(key: string): void {
    this.#total -= this.#weights.get(key) ?? 0;
    this.#weights.delete(key);
  }
}
