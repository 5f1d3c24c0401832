/** Something of each instance, by its application and its id. */
export class ByApplication<T> {
  readonly #apps = new Map<string, Map<string, T>>();
  #size = 0;

  /** Of all applications together. */
  get size(): number {
    return this.#size;
  }

  /** How many applications there are. */
  get applications(): number {
    return this.#apps.size;
  }

  /** The applications of which there is any. */
  get names(): Iterable<string> {
    return this.#apps.keys();
  }

  /** Whether there is any of an application. */
  has(app: string): boolean {
    return this.#apps.has(app);
  }

  get(app: string, id: string): T | undefined {
    return this.#apps.get(app)?.get(id);
  }

  /** Those of one application, in the order in which they came. */
  of(app: string): Iterable<T> {
    return this.#apps.get(app)?.values() ?? [];
  }

  set(app: string, id: string, value: T): void {
    const instances = this.#apps.get(app) ?? new Map<string, T>();
    if (instances.size === 0) this.#apps.set(app, instances);
    if (!instances.has(id)) this.#size += 1;
    instances.set(id, value);
  }

  delete(app: string, id: string): void {
    const instances = this.#apps.get(app);
    if (!instances?.delete(id)) return;
    this.#size -= 1;
    if (instances.size === 0) this.#apps.delete(app);
  }

  *[Symbol.iterator](): Iterator<T> {
    for (const instances of this.#apps.values()) yield* instances.values();
  }
}
