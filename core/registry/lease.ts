/** The time an instance was given, which each heartbeat gives anew. */
import type { Clock } from '../clock.ts';
import type { Instance, InstanceStatus } from './instance.ts';

export class Lease {
  instance: Instance;
  /** An operator's status, which stands above the instance's own. */
  override: InstanceStatus | undefined;
  /** Milliseconds since 1970, for those who read the registry; 0 for never. */
  readonly registeredAt: number;
  renewedAt: number;
  serviceUpAt: number;
  evictedAt = 0;
  /** Whether a heartbeat ever came. Who never sent one is not missed: it may have been a flood of names. Eureka asks of nobody. */
  proven: boolean;

  readonly #clock: Clock;
  readonly #strict: boolean;
  #expiry: number;

  /** @param strict as Eureka has it, where a heartbeat gives twice the lease (Lease.renew: "never to be fixed") */
  constructor(instance: Instance, clock: Clock, strict: boolean, former?: Lease) {
    this.instance = instance;
    this.override = former?.override;
    this.proven = strict || former?.proven === true;
    this.registeredAt = clock.epoch();
    this.renewedAt = this.registeredAt;
    this.serviceUpAt = former?.serviceUpAt ?? 0;
    this.#clock = clock;
    this.#strict = strict;
    this.#expiry = clock.now() + this.#duration;
  }

  get #duration(): number {
    return this.instance.leaseDuration * 1000;
  }

  renew(): void {
    const extra = this.#strict ? this.#duration : 0;
    this.renewedAt = this.#clock.epoch() + extra;
    this.#expiry = this.#clock.now() + this.#duration + extra;
  }

  serviceUp(): void {
    if (this.serviceUpAt === 0) this.serviceUpAt = this.#clock.epoch();
  }

  /** @param now of the clock @param extra milliseconds granted to everybody */
  isExpired(now: number, extra: number): boolean {
    return now > this.#expiry + extra;
  }
}
