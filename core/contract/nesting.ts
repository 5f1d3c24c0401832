/** How many schemas one value is held against at the same place: `allOf` and its like multiply at every depth. */
import { isObject } from './json.ts';
import { inPlace } from './keywords.ts';
import type { Schema } from './schema.ts';

const MOST = 5_000;

class Circle extends Error {}

/** Why a schema is not taken, or undefined. @param schemaNamed those that references lead to */
export function reasonAgainstNesting(schema: Schema, schemaNamed: (name: string) => Schema | undefined): string | undefined {
  const within = new Set<string>();
  let count = 0;
  const walk = (inner: unknown): void => {
    if (!isObject(inner) || count > MOST) return;
    count += 1;
    const reference = inner['$ref'];
    if (typeof reference === 'string') {
      if (within.has(reference)) throw new Circle();
      within.add(reference);
      walk(schemaNamed(reference));
      within.delete(reference);
    }
    for (const keyword of inPlace) {
      const value = inner[keyword];
      if (keyword === 'dependentSchemas' && isObject(value)) for (const one of Object.values(value)) walk(one);
      else if (Array.isArray(value)) for (const one of value) walk(one);
      else walk(value);
    }
  };
  try {
    walk(schema);
  } catch (problem) {
    if (problem instanceof Circle) return 'refers to itself without going deeper';
    throw problem;
  }
  return count > MOST ? `holds one value against more than ${MOST} schemas at once` : undefined;
}
