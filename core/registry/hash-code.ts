/** By which a reader tells whether it has what the registry has: how many instances there are of each status. */
import type { InstanceStatus } from './instance.ts';

/** `apps__hashcode`: `STATUS_count_` for each status that there is, in alphabetical order, e.g. `DOWN_1_UP_5_`. */
export class HashCode {
  readonly #counts = new Map<InstanceStatus, number>();

  static of(instances: Iterable<{ readonly status: InstanceStatus }>): string {
    const hash = new HashCode();
    for (const { status } of instances) hash.add(status, 1);
    return hash.toString();
  }

  add(status: InstanceStatus, by: 1 | -1): void {
    const count = (this.#counts.get(status) ?? 0) + by;
    if (count === 0) this.#counts.delete(status);
    else this.#counts.set(status, count);
  }

  /** How many there are of each status that there is. */
  get counts(): ReadonlyMap<InstanceStatus, number> {
    return this.#counts;
  }

  toString(): string {
    return [...this.#counts]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([status, count]) => `${status}_${count}_`)
      .join('');
  }
}
