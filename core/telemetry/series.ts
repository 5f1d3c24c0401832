/**
 * The series of one instrument: what is counted apart for each set of attributes. A request finds its series by walking the
 * names that the instrument declares, one look into a map each; OpenTelemetry's SDK sorts and writes out the attributes of
 * every measurement as a key, which costs several times what all the counting does.
 */
import type { Attributes, AttributeValue } from '@opentelemetry/api';

interface Node<Count> {
  readonly next: Map<AttributeValue | undefined, Node<Count>>;
  series: Series<Count> | undefined;
}

export interface Series<Count> {
  readonly attributes: Attributes;
  readonly count: Count;
}

/** OpenTelemetry's limit for the sets of attributes of one instrument; what goes beyond is counted as one. */
const LIMIT = 2_000;
const OVERFLOW: Attributes = { 'otel.metric.overflow': true };

export class SeriesByAttributes<Count> implements Iterable<Series<Count>> {
  readonly #names: readonly string[];
  readonly #create: () => Count;
  readonly #limit: number;
  readonly #root: Node<Count> = { next: new Map(), series: undefined };
  readonly #all: Series<Count>[] = [];
  #overflow: Series<Count> | undefined;

  /** @param names of the attributes that tell series apart; any other attribute is left out */
  constructor(names: readonly string[], create: () => Count, limit: number = LIMIT) {
    this.#names = names;
    this.#create = create;
    this.#limit = limit;
  }

  of(attributes: Attributes): Count {
    let node = this.#root;
    for (const name of this.#names) {
      const next = node.next.get(attributes[name]);
      if (next === undefined) return this.#add(attributes).count;
      node = next;
    }
    return (node.series ?? this.#add(attributes)).count;
  }

  [Symbol.iterator](): Iterator<Series<Count>> {
    return this.#all[Symbol.iterator]();
  }

  #add(attributes: Attributes): Series<Count> {
    if (this.#all.length >= this.#limit - 1) {
      this.#overflow ??= this.#begin(OVERFLOW);
      return this.#overflow;
    }
    const told: Attributes = {};
    let node = this.#root;
    for (const name of this.#names) {
      const value = attributes[name];
      if (value !== undefined) told[name] = value;
      const next = node.next.get(value) ?? { next: new Map(), series: undefined };
      node.next.set(value, next);
      node = next;
    }
    node.series = this.#begin(told);
    return node.series;
  }

  #begin(attributes: Attributes): Series<Count> {
    const series = { attributes, count: this.#create() };
    this.#all.push(series);
    return series;
  }
}
