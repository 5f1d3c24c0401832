/** Who is there: instances of applications with their leases and statuses, as Eureka keeps them (AbstractInstanceRegistry). */
import type { Clock, Random } from '../clock.ts';
import { ByApplication } from './by-application.ts';
import { Capacity, type CapacityLimits, defaultCapacity } from './capacity.ts';
import { EVICTION_PERIOD, Eviction } from './eviction.ts';
import { HashCode } from './hash-code.ts';
import type { ActionType, Instance, InstanceStatus, Registration } from './instance.ts';
import { Lease } from './lease.ts';
import { RecentChanges } from './recent-changes.ts';
import { SelfPreservation } from './self-preservation.ts';
import { resultingStatus } from './status.ts';
import type { Change, RegistryView } from './view.ts';

export interface RegistryParts {
  readonly clock: Clock;
  readonly random: Random;
  /** Eureka's faults too: leases of twice their length, looked at once a minute; nobody evicted from a small registry. */
  readonly strict: boolean;
  readonly capacity?: CapacityLimits;
}

export interface StatusChange {
  /** Milliseconds since 1970, from who changed it. */
  readonly lastDirtyTimestamp?: number | undefined;
}

export class Registry implements RegistryView {
  /** Milliseconds between two calls of `evict`. */
  readonly evictionInterval: number;
  readonly #clock: Clock;
  readonly #strict: boolean;
  readonly #leases = new ByApplication<Lease>();
  readonly #capacity: Capacity;
  readonly #preservation: SelfPreservation;
  readonly #eviction: Eviction;
  readonly #recent = new RecentChanges();
  readonly #hashCode = new HashCode();
  readonly #listeners = new Set<(change: Change) => void>();
  #version = 0;
  #lastEviction: number | undefined;

  constructor({ clock, random, strict, capacity = defaultCapacity }: RegistryParts) {
    this.#clock = clock;
    this.#strict = strict;
    this.#capacity = new Capacity(capacity);
    this.#preservation = new SelfPreservation(strict);
    this.#eviction = new Eviction(strict, random);
    this.evictionInterval = strict ? EVICTION_PERIOD : 5_000;
  }

  get size(): number {
    return this.#leases.size;
  }

  /** How many instances there are of each status that there is. */
  get statuses(): ReadonlyMap<InstanceStatus, number> {
    return this.#hashCode.counts;
  }

  /** How many applications there are. */
  get applications(): number {
    return this.#leases.applications;
  }

  /** Counts the changes. */
  get version(): number {
    return this.#version;
  }

  get hashCode(): string {
    return this.#hashCode.toString();
  }

  /** For who looks after the registry. */
  get renewals(): { lastMinute: number; threshold: number; evicting: boolean } {
    const now = this.#clock.now();
    const { threshold } = this.#preservation;
    return { lastMinute: this.#preservation.renewals(now), threshold, evicting: this.#preservation.allowsEviction(now) };
  }

  /**
   * Takes an instance in, or in again. Of two registrations the one that is dirtier stays.
   *
   * @param replication a peer says so @param proven it heard a heartbeat
   */
  register(registration: Registration, { replication = false, proven = false } = {}): 'taken' | 'too-large' | 'full' {
    const { app, id } = registration;
    const former = this.find(app, id);
    const newest = former && former.instance.lastDirtyTimestamp > registration.lastDirtyTimestamp ? former.instance : registration;
    const room = this.#capacity.take(keyOf(newest), newest);
    if (room !== 'taken') return room;

    const lease = new Lease({ ...newest, actionType: 'ADDED', lastUpdatedTimestamp: 0 }, this.#clock, this.#strict, former);
    lease.proven ||= proven;
    if (lease.override === undefined && newest.overriddenStatus !== 'UNKNOWN') lease.override = newest.overriddenStatus;
    const status = resultingStatus({ claimed: newest.status, override: lease.override, existing: former?.instance.status, replication });
    if (former) this.#forget(former);
    this.#leases.set(app, id, lease);
    if (lease.proven) this.#preservation.joined(newest.renewalInterval);
    this.#hashCode.add(newest.status, 1);
    this.#change(lease, 'ADDED', { status, overriddenStatus: lease.override ?? 'UNKNOWN' });
    return 'taken';
  }

  /** A heartbeat. False when the instance must register (again): it is unknown, or its status is. */
  renew(app: string, id: string, { replication = false } = {}): boolean {
    const lease = this.find(app, id);
    if (!lease) return false;
    const { status: claimed } = lease.instance;
    const status = resultingStatus({ claimed, override: lease.override, existing: claimed, replication });
    if (status === 'UNKNOWN') return false;
    if (status !== claimed) this.#change(lease, 'MODIFIED', { status });
    if (!lease.proven) this.#preservation.joined(lease.instance.renewalInterval);
    lease.proven = true;
    this.#preservation.renewed(this.#clock.now());
    lease.renew();
    return true;
  }

  cancel(app: string, id: string): boolean {
    const lease = this.find(app, id);
    if (!lease) return false;
    this.#forget(lease);
    this.#capacity.release(keyOf(lease.instance));
    lease.evictedAt = this.#clock.epoch();
    this.#leases.delete(app, id);
    this.#change(lease, 'DELETED', {});
    return true;
  }

  /** An operator's status, which stands until it is taken back. */
  override(app: string, id: string, status: InstanceStatus, { lastDirtyTimestamp = 0 }: StatusChange = {}): boolean {
    const lease = this.find(app, id);
    if (!lease) return false;
    lease.renew();
    if (lease.instance.status === status) return true;
    lease.override = status;
    this.#change(lease, 'MODIFIED', { status, overriddenStatus: status, lastDirtyTimestamp: later(lease, lastDirtyTimestamp) });
    return true;
  }

  /** Takes the override back. @param status that holds until the instance registers again; UNKNOWN makes it do so */
  removeOverride(app: string, id: string, status: InstanceStatus, { lastDirtyTimestamp = 0 }: StatusChange = {}): boolean {
    const lease = this.find(app, id);
    if (!lease) return false;
    lease.renew();
    if (lease.override === undefined) return true;
    lease.override = undefined;
    this.#change(lease, 'MODIFIED', { status, overriddenStatus: 'UNKNOWN', lastDirtyTimestamp: later(lease, lastDirtyTimestamp) });
    return true;
  }

  /** What a peer knows of an override that was made elsewhere; the instance registers anew and gets it. */
  noteOverride(app: string, id: string, status: InstanceStatus): void {
    const lease = this.find(app, id);
    if (!lease || lease.override === status) return;
    lease.override = status;
    this.#change(lease, 'MODIFIED', { overriddenStatus: status });
  }

  /** Adds to the metadata, as if the instance had registered with it. */
  addMetadata(app: string, id: string, metadata: Readonly<Record<string, string>>): 'taken' | 'too-large' | 'full' | 'unknown' {
    const lease = this.find(app, id);
    if (!lease) return 'unknown';
    return this.register({ ...lease.instance, metadata: { ...lease.instance.metadata, ...metadata } });
  }

  /** Lets those go whose lease has run out, as far as self preservation allows. Returns how many went. */
  evict(): number {
    const now = this.#clock.now();
    // A process that stood still did not hear the heartbeats meanwhile.
    const late = this.#lastEviction === undefined ? 0 : Math.max(0, now - this.#lastEviction - this.evictionInterval);
    this.#lastEviction = now;
    const expired = this.leases().filter((lease) => lease.isExpired(now, late));
    const missed = this.#preservation.allowsEviction(now) ? expired.filter(({ proven }) => proven) : [];
    const gone = [...this.#eviction.draw(missed, this.#preservation.clients, now), ...expired.filter(({ proven }) => !proven)];
    for (const { instance } of gone) this.cancel(instance.app, instance.id);
    return gone.length;
  }

  find(app: string, id: string): Lease | undefined {
    return this.#leases.get(app, id);
  }

  /** The first with this id, of whatever application. */
  findById(id: string): Lease | undefined {
    for (const app of this.#leases.names) {
      const lease = this.find(app, id);
      if (lease) return lease;
    }
    return undefined;
  }

  leasesOf(app: string): Lease[] {
    return [...this.#leases.of(app)];
  }

  leases(): Lease[] {
    return [...this.#leases];
  }

  /** What changed in the last three minutes. */
  recentChanges(): Lease[] {
    return this.#recent.since(this.#clock.now());
  }

  instances(app: string): readonly Instance[] {
    return this.leasesOf(app.toUpperCase()).map(({ instance }) => instance);
  }

  onChange(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Of what is summed over the leases. */
  #forget({ instance, proven }: Lease): void {
    if (proven) this.#preservation.left(instance.renewalInterval);
    this.#hashCode.add(instance.status, -1);
  }

  #change(lease: Lease, actionType: ActionType, changed: Partial<Instance>): void {
    const before = lease.instance;
    const instance: Instance = { ...before, ...changed, actionType, lastUpdatedTimestamp: this.#clock.epoch() };
    lease.instance = instance;
    if (actionType !== 'DELETED' && before.status !== instance.status) {
      this.#hashCode.add(before.status, -1);
      this.#hashCode.add(instance.status, 1);
    }
    if (actionType !== 'DELETED' && instance.status === 'UP') lease.serviceUp();
    this.#version += 1;
    this.#recent.add(keyOf(instance), lease, this.#clock.now());
    for (const listener of this.#listeners) listener({ version: this.#version, instance });
  }
}

/** Neither part has a line end. */
function keyOf({ app, id }: Registration): string {
  return `${app}\n${id}`;
}

function later({ instance }: Lease, timestamp: number): number {
  return Math.max(instance.lastDirtyTimestamp, timestamp);
}
