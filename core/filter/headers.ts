/** Flat header fields (name, value, name, value) as filters see them. */
import { validateHeaderName, validateHeaderValue } from 'node:http';
import { FRAMING } from '../config/framing.ts';
import { isNamed } from '../http1/fields.ts';
import { listOf } from '../upstream/fields.ts';
import { hasField, remove } from '../upstream/response-headers.ts';
import type { Headers } from './filter.ts';
import { give, misuse } from './stray.ts';

export class HeaderFields implements Headers {
  readonly #fields: () => string[];
  readonly #mayChange: () => void;

  /**
   * @param fields gives them each time, for they may be replaced as a whole
   * @param mayChange throws where nothing may be changed any more
   */
  constructor(fields: () => string[], mayChange: () => void = () => {}) {
    this.#fields = fields;
    this.#mayChange = mayChange;
  }

  get(name: string): string | undefined {
    return listOf(this.#fields(), name.toLowerCase());
  }

  has(name: string): boolean {
    return hasField(this.#fields(), name);
  }

  set(name: string, value: string): void {
    this.#put(name, value, true);
  }

  append(name: string, value: string): void {
    this.#put(name, value, false);
  }

  delete(name: string): void {
    this.#mayChange();
    mayWrite(name);
    remove(this.#fields(), (other) => isNamed(other, name));
  }

  *entries(): IterableIterator<[name: string, value: string]> {
    const flat = [...this.#fields()];
    for (let at = 0; at < flat.length; at += 2) yield [flat[at] as string, flat[at + 1] as string];
  }

  #put(name: string, value: string, alone: boolean): void {
    this.#mayChange();
    mayWrite(name);
    // What is written in JavaScript may give numbers.
    const text = typeof value === 'number' ? String(value) : value;
    if (typeof text !== 'string') throw misuse(`The value of ${name} is no text`);
    valid(() => validateHeaderValue(name, text));
    const fields = this.#fields();
    if (alone) remove(fields, (other) => isNamed(other, name));
    fields.push(name, text);
  }
}

/** @throws TypeError for a name that filters may not write */
function mayWrite(name: string): void {
  valid(() => validateHeaderName(name));
  if (FRAMING.has(name.toLowerCase())) throw misuse(`${name} is written by the gateway itself`);
}

function valid(check: () => void): void {
  try {
    check();
  } catch (error) {
    throw give(error);
  }
}
