/** All applications of a Eureka registry, kept by full lists, deltas and single changes as Netflix's client keeps them. Knows nothing of HTTP. */
import { ByApplication } from './by-application.ts';
import { type Instance, instanceOf } from './eureka-instance.ts';
import { type Fields, fieldsOf, listOf } from './fields.ts';
import { HashCode } from './hash-code.ts';
import type { Discovered } from './source.ts';

/** Milliseconds of a common lease (`lease.duration`): who lives has registered again by then. */
const LEASE = 90_000;

/** Instances of all applications together, and as many again that a server forgot. */
const MOST = 100_000;

interface Forgotten {
  readonly instance: Instance;
  /** Milliseconds on the clock: until then it is used all the same. */
  readonly until: number;
}

export class Applications {
  #instances = new ByApplication<Instance>();
  #hashCode = new HashCode();
  /** Those that a server forgot. */
  readonly #forgotten = new ByApplication<Forgotten>();
  #changed = new Set<string>();

  /**
   * Takes over a full list.
   *
   * @param doubtful the list comes from a server that did not know what we knew, as after a restart: whom it does not name is
   *   used for one more lease, in which those who live register again. So it is with an application that lost everybody, whatever
   *   the server: one without deltas cannot be told from one that was started anew
   * @throws when it is no list of Eureka's, or too long
   */
  full(list: unknown, now: number, doubtful: boolean): void {
    const instances = new ByApplication<Instance>();
    for (const { instance } of instancesOf(list)) {
      instances.set(instance.app, instance.id, instance);
      if (instances.size > MOST) throw tooMany();
    }
    this.expire(now);
    for (const { app, id } of instances) this.#forgotten.delete(app, id);
    const earlier = this.#instances;
    for (const instance of earlier) {
      const { app, id } = instance;
      if (this.#forgotten.size >= MOST || instances.get(app, id)) continue;
      if (doubtful || !instances.has(app)) this.#forgotten.set(app, id, { instance, until: now + LEASE });
    }
    this.#instances = instances;
    this.#hashCode = new HashCode();
    for (const { status } of instances) this.#hashCode.add(status, 1);
    for (const name of [...earlier.names, ...instances.names]) this.#changed.add(name);
  }

  /**
   * Takes in what changed.
   *
   * @returns whether the whole is now what the server has (`apps__hashcode`); if not, a full list is due
   * @throws when it is no list of Eureka's, or there are too many instances now
   */
  delta(list: unknown): boolean {
    for (const { instance, action } of instancesOf(list)) this.#take(instance, action);
    return applicationsOf(list)['apps__hashcode'] === this.hashcode();
  }

  /** Takes in one change, of an instance as Eureka writes it. @param action `ADDED`, `MODIFIED` or `DELETED` @throws as `delta` */
  change(value: unknown, action: unknown): void {
    const instance = instanceOf(value, undefined);
    if (instance) this.#take(instance, action);
  }

  /** How many there are that a server forgot. */
  get forgotten(): number {
    return this.#forgotten.size;
  }

  /** `DOWN_1_UP_5_`. */
  hashcode(): string {
    return this.#hashCode.toString();
  }

  /** Of an application (in capitals) the instances that are UP, each address once. */
  endpoints(app: string, now: number): readonly Discovered[] {
    const found = new Map<string, Discovered>();
    const offer = ({ status, endpoint }: Instance) => {
      if (status === 'UP' && endpoint && !found.has(endpoint.origin)) found.set(endpoint.origin, endpoint);
    };
    for (const instance of this.#instances.of(app)) offer(instance);
    for (const { instance, until } of this.#forgotten.of(app)) if (until > now) offer(instance);
    return [...found.values()];
  }

  /** Gives up those forgotten whose time is over. @returns when the next is, if there is one */
  expire(now: number): number | undefined {
    let next: number | undefined;
    for (const { instance, until } of [...this.#forgotten]) {
      if (until > now) next = Math.min(next ?? until, until);
      else {
        this.#forgotten.delete(instance.app, instance.id);
        this.#changed.add(instance.app);
      }
    }
    return next;
  }

  /** The applications (in capitals) of which something changed since this was last called. */
  takeChanged(): ReadonlySet<string> {
    const changed = this.#changed;
    this.#changed = new Set();
    return changed;
  }

  #take(instance: Instance, action: unknown): void {
    const { app, id, status } = instance;
    const former = this.#instances.get(app, id);
    const gone = action === 'DELETED';
    if (!gone && !former && this.#instances.size >= MOST) throw tooMany();
    if (former) this.#hashCode.add(former.status, -1);
    if (gone) this.#instances.delete(app, id);
    else {
      this.#instances.set(app, id, instance);
      this.#hashCode.add(status, 1);
    }
    this.#forgotten.delete(app, id);
    this.#changed.add(app);
  }
}

const tooMany = () => new Error(`the registry has more than ${MOST} instances`);

function applicationsOf(list: unknown): Fields {
  const { applications } = fieldsOf(list);
  if (typeof applications !== 'object' || applications === null) throw new Error('the answer is no list of applications');
  return fieldsOf(applications);
}

function* instancesOf(list: unknown): Iterable<{ instance: Instance; action: unknown }> {
  for (const application of listOf(applicationsOf(list)['application'])) {
    const { name, instance: instances } = fieldsOf(application);
    for (const value of listOf(instances)) {
      const instance = instanceOf(value, name);
      if (instance) yield { instance, action: fieldsOf(value)['actionType'] };
    }
  }
}
