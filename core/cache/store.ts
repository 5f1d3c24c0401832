/** Stored answers, bounded by bytes: those used least recently go first (lru-cache). Knows what an answer is, and no request. */
import { LRUCache } from 'lru-cache';
import { Fill, type Filling } from './filling.ts';
import type { Stored } from './stored.ts';

export type { Stored } from './stored.ts';

export interface StoreOptions {
  /** Bytes that all there is may take. */
  memory: number;
}

/** What an entry takes beside its text and its body, as measured. */
const OVERHEAD = 1536;
/** What a text takes beside its characters, where it stands in a list. */
const PER_TEXT = 20;
/** Of the memory, for answers on their way in. */
const FOR_FILLING = 0.25;
/** Lists of selecting names that are known for one resource: an origin has few, and each costs every lookup. */
const MOST_LISTS = 16;

interface Resource {
  /** The lists of selecting names of its answers, the latest last. */
  readonly lists: Map<string, readonly string[]>;
  readonly answers: Map<string, Stored>;
}

export class Store {
  readonly #resources = new Map<string, Resource>();
  readonly #order: LRUCache<Stored, true>;
  /** The oldest first. */
  readonly #fillings = new Map<Fill, Pick<Stored, 'resource' | 'route'>>();
  readonly #room: number;
  #filled = 0;
  #evicted = 0;

  constructor({ memory }: StoreOptions) {
    this.#room = Math.floor(memory * FOR_FILLING);
    const maxSize = Math.max(1, memory - this.#room);
    this.#order = new LRUCache<Stored, true>({
      maxSize,
      dispose: (_, stored, reason) => {
        if (reason === 'evict') this.#evicted += 1;
        this.#forget(stored);
      },
    });
  }

  /** Answers in it. */
  get entries(): number {
    return this.#order.size;
  }

  /** Bytes that it takes, with what is on its way in. */
  get bytes(): number {
    return this.#order.calculatedSize + this.#filled;
  }

  /** Answers that had to go for others, since the start. */
  get evictions(): number {
    return this.#evicted;
  }

  /** Whether there is nothing in it and nothing on its way, so that nothing can be made void. */
  get empty(): boolean {
    return this.#resources.size === 0 && this.#fillings.size === 0;
  }

  /**
   * The latest of the answers for a resource that a request selects.
   * @param keyFor the whole key of the request under a list of selecting names
   */
  find(resource: string, keyFor: (names: readonly string[]) => string): Stored | undefined {
    const found = this.peek(resource, keyFor);
    if (found) this.#order.get(found);
    return found;
  }

  /** The same, for who only looks: it is not used thereby. */
  peek(resource: string, keyFor: (names: readonly string[]) => string): Stored | undefined {
    const known = this.#resources.get(resource);
    let found: Stored | undefined;
    for (const names of known?.lists.values() ?? []) {
      const stored = known?.answers.get(keyFor(names));
      if (stored && (!found || stored.receivedAt >= found.receivedAt)) found = stored;
    }
    return found;
  }

  /** All names that select among the answers for a resource; `undefined` while there are none. */
  namesFor(resource: string): readonly string[] | undefined {
    const lists = this.#resources.get(resource)?.lists;
    return lists && [...new Set([...lists.values()].flat())].sort();
  }

  /** For an answer that is about to be asked for: what makes the resource's answers void from now on makes this one so too. */
  fill(resource: string, route: string): Filling {
    const fill = new Fill({
      reserve: (bytes) => this.#reserve(bytes, fill),
      keep: (stored) => this.#put(stored),
      done: () => this.#fillings.delete(fill),
    });
    this.#fillings.set(fill, { resource, route });
    return fill;
  }

  /** Whether it is in there still, and nothing has taken its place. */
  holds(stored: Stored): boolean {
    return this.#order.has(stored);
  }

  drop(stored: Stored): void {
    this.#order.delete(stored);
  }

  /** Takes out what fits, and makes void what is on its way in and fits. @returns how many were taken out */
  purge(fits: (of: Pick<Stored, 'resource' | 'route'> & Partial<Pick<Stored, 'query' | 'queryOf'>>) => boolean): number {
    for (const [fill, of] of this.#fillings) if (fits(of)) fill.abandon();
    const out = [...this.#order.keys()].filter(fits);
    for (const stored of out) this.drop(stored);
    return out.length;
  }

  /** Takes out all answers for a resource, whatever their query. */
  invalidate(resource: string): void {
    for (const [fill, of] of this.#fillings) if (of.resource === resource) fill.abandon();
    for (const stored of this.#resources.get(resource)?.answers.values() ?? []) this.drop(stored);
  }

  #put(stored: Stored): boolean {
    const size = sizeOf(stored);
    if (size > this.#order.maxSize) return false;
    let resource = this.#resources.get(stored.resource);
    const earlier = resource?.answers.get(stored.key);
    // The one whose body took longer to come is not the newer one.
    if (earlier && earlier.receivedAt > stored.receivedAt) return false;
    if (earlier) this.drop(earlier);
    // The last of a resource's answers has taken it along.
    resource = this.#resources.get(stored.resource);
    if (!resource) {
      resource = { lists: new Map(), answers: new Map() };
      this.#resources.set(stored.resource, resource);
    }
    const list = stored.names.join('\n');
    resource.lists.delete(list);
    resource.lists.set(list, stored.names);
    resource.answers.set(stored.key, stored);
    const [oldest] = resource.lists.keys();
    if (resource.lists.size > MOST_LISTS && oldest !== undefined) this.#dropList(resource, oldest);
    this.#order.set(stored, true, { size });
    return true;
  }

  #dropList({ lists, answers }: Resource, list: string): void {
    lists.delete(list);
    for (const stored of answers.values()) if (stored.names.join('\n') === list) this.drop(stored);
  }

  #forget(stored: Stored): void {
    const resource = this.#resources.get(stored.resource);
    if (resource?.answers.get(stored.key) !== stored) return;
    resource.answers.delete(stored.key);
    if (resource.answers.size === 0) this.#resources.delete(stored.resource);
  }

  /** What has been coming in for longest goes for what comes. @param bytes negative to give them back */
  #reserve(bytes: number, fill: Fill): boolean {
    if (bytes > 0 && fill.size + bytes > this.#room) return false;
    for (const other of this.#fillings.keys()) {
      if (bytes <= 0 || this.#filled + bytes <= this.#room) break;
      if (other !== fill && other.size > 0) other.abandon();
    }
    this.#filled += bytes;
    return true;
  }
}

/** Text is counted as two bytes a character, the most it can take. */
function sizeOf({ key, resource, query, names, fields, body, statusText, directives }: Stored): number {
  let characters = key.length + resource.length + query.length + statusText.length;
  const texts = [...names, ...fields, ...directives.fieldsWithheld];
  for (const text of texts) characters += text.length;
  return OVERHEAD + texts.length * PER_TEXT + characters * 2 + body.length;
}
