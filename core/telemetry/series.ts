/**
 * The series of one instrument: what is counted apart for each set of attributes. A request finds its series by walking the
 * names that the instrument declares, a comparison or one look into a map each; OpenTelemetry's SDK sorts and writes out the attributes of
 * every measurement as a key, which costs several times what all the counting does.
 */
import type { Attributes, AttributeValue } from '@opentelemetry/api';

class Node<Count> {
  readonly value: AttributeValue | undefined;
  series: Series<Count> | undefined = undefined;
  /** The first of `next`: most requests are of one kind (GET, 200, no error), and where it is the only one no map need be looked into. */
  #first: Node<Count> | undefined = undefined;
  readonly #next = new Map<AttributeValue | undefined, Node<Count>>();

  constructor(value?: AttributeValue) {
    this.value = value;
  }

  at(value: AttributeValue | undefined): Node<Count> | undefined {
    return this.#first !== undefined && this.#first.value === value ? this.#first : this.#next.get(value);
  }

  add(value: AttributeValue | undefined): Node<Count> {
    const node = new Node<Count>(value);
    this.#first ??= node;
    this.#next.set(value, node);
    return node;
  }

  /** Those of one value, or of every value. */
  branches(value: AttributeValue | undefined): readonly Node<Count>[] {
    if (value === undefined) return [...this.#next.values()];
    const node = this.#next.get(value);
    return node ? [node] : [];
  }

  remove(node: Node<Count>): void {
    this.#next.delete(node.value);
    if (this.#first === node) [this.#first] = this.#next.values();
  }

  get isBare(): boolean {
    return this.#next.size === 0;
  }
}

export interface Series<Count> {
  readonly attributes: Attributes;
  readonly count: Count;
}

/**
 * Sets of attributes of one instrument: a thousand routes with ten kinds of answers each (OpenTelemetry's limit, 2 000, would be
 * two). What goes beyond is counted as one. A series of a histogram takes about 1.5 KB,
 * and where Prometheus asks and nothing is recorded to it 3.5 KB more.
 */
export const SERIES = 10_000;
const OVERFLOW: Attributes = { 'otel.metric.overflow': true };

export class SeriesByAttributes<Count> implements Iterable<Series<Count>> {
  readonly #names: readonly string[];
  readonly #create: () => Count;
  readonly #limit: number;
  readonly #root = new Node<Count>();
  readonly #all = new Set<Series<Count>>();
  #overflow: Series<Count> | undefined;

  /** @param names of the attributes that tell series apart; any other attribute is left out */
  constructor(names: readonly string[], create: () => Count, limit: number = SERIES) {
    this.#names = names;
    this.#create = create;
    this.#limit = limit;
  }

  of(attributes: Attributes): Count {
    let node = this.#root;
    for (const name of this.#names) {
      const next = node.at(attributes[name]);
      if (next === undefined) return this.#add(attributes).count;
      node = next;
    }
    return (node.series ?? this.#add(attributes)).count;
  }

  [Symbol.iterator](): Iterator<Series<Count>> {
    return this.#all.values();
  }

  /** Drops every series that has these attributes: what they tell of is no more. One that is counted for again begins anew. */
  drop(attributes: Attributes): void {
    this.#drop(this.#root, 0, attributes);
  }

  #drop(node: Node<Count>, depth: number, attributes: Attributes): void {
    const name = this.#names[depth];
    if (name === undefined) {
      if (node.series) this.#all.delete(node.series);
      return;
    }
    for (const branch of node.branches(attributes[name])) {
      this.#drop(branch, depth + 1, attributes);
      if (branch.isBare) node.remove(branch);
    }
  }

  #add(attributes: Attributes): Series<Count> {
    if (this.#all.size >= this.#limit - 1) {
      this.#overflow ??= this.#begin(OVERFLOW);
      return this.#overflow;
    }
    const told: Attributes = {};
    let node = this.#root;
    for (const name of this.#names) {
      const value = attributes[name];
      if (value !== undefined) told[name] = value;
      node = node.at(value) ?? node.add(value);
    }
    node.series = this.#begin(told);
    return node.series;
  }

  #begin(attributes: Attributes): Series<Count> {
    const series = { attributes, count: this.#create() };
    this.#all.add(series);
    return series;
  }
}
