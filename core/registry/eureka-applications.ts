/** All applications of a Eureka registry, kept by full lists and deltas as Netflix's client keeps them. Knows nothing of HTTP. */
import { type Instance, instanceOf } from './eureka-instance.ts';
import { type Fields, fieldsOf } from './fields.ts';
import type { Discovered } from './source.ts';

/** Milliseconds of a common lease (`lease.duration`): who lives has registered again by then. */
const LEASE = 90_000;

/** Instances of all applications together. */
const MOST = 100_000;

export class Applications {
  /** By application and then by id. */
  #apps = new Map<string, Map<string, Instance>>();
  /** Those that a server forgot, until when they are used all the same. */
  #forgotten: { readonly instance: Instance; readonly until: number }[] = [];

  /**
   * Takes over a full list.
   *
   * @param doubtful the list comes from a server that did not know what we knew, as after a restart: whom it does not name is
   *   used for one more lease, in which those who live register again
   * @throws when it is no list of Eureka's
   */
  full(list: unknown, now: number, doubtful: boolean): void {
    const apps = new Map<string, Map<string, Instance>>();
    let count = 0;
    for (const { instance } of instancesOf(list)) {
      add(apps, instance);
      count += 1;
      if (count > MOST) throw new Error(`the registry has more than ${MOST} instances`);
    }
    const earlier = doubtful ? [...this.#all()].map((instance) => ({ instance, until: now + LEASE })) : [];
    this.#forgotten = [...this.#forgotten, ...earlier].filter(({ instance: { app, id }, until }) => until > now && !apps.get(app)?.has(id));
    this.#apps = apps;
  }

  /**
   * Takes in what changed.
   *
   * @returns whether the whole is now what the server has (`apps__hashcode`); if not, a full list is due
   */
  delta(list: unknown): boolean {
    const named = new Map<string, Map<string, Instance>>();
    for (const { instance, action } of instancesOf(list)) {
      add(named, instance);
      if (action === 'DELETED') remove(this.#apps, instance);
      else add(this.#apps, instance);
    }
    this.#forgotten = this.#forgotten.filter(({ instance: { app, id } }) => !named.get(app)?.has(id));
    return applicationsOf(list)['apps__hashcode'] === this.hashcode();
  }

  /** `DOWN_1_UP_5_`. */
  hashcode(): string {
    const counts = new Map<string, number>();
    for (const { status } of this.#all()) counts.set(status, (counts.get(status) ?? 0) + 1);
    return [...counts.keys()]
      .sort()
      .map((status) => `${status}_${counts.get(status)}_`)
      .join('');
  }

  /** Of an application (in capitals) the instances that are UP, each address once. */
  endpoints(app: string, now: number): readonly Discovered[] {
    const found = new Map<string, Discovered>();
    const offer = ({ status, endpoint }: Instance) => {
      if (status === 'UP' && endpoint && !found.has(endpoint.origin)) found.set(endpoint.origin, endpoint);
    };
    for (const instance of this.#apps.get(app)?.values() ?? []) offer(instance);
    for (const { instance, until } of this.#forgotten) if (instance.app === app && until > now) offer(instance);
    return [...found.values()];
  }

  *#all(): Iterable<Instance> {
    for (const instances of this.#apps.values()) yield* instances.values();
  }
}

function add(apps: Map<string, Map<string, Instance>>, instance: Instance): void {
  const instances = apps.get(instance.app) ?? new Map<string, Instance>();
  instances.set(instance.id, instance);
  apps.set(instance.app, instances);
}

function remove(apps: Map<string, Map<string, Instance>>, { app, id }: Instance): void {
  const instances = apps.get(app);
  instances?.delete(id);
  if (instances?.size === 0) apps.delete(app);
}

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

/** Some servers write a list of one as that one alone. */
function listOf(value: unknown): readonly unknown[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
}
