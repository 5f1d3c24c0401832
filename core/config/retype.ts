/** Text that came from the environment whole, as the number or boolean that the schema wants in its place. */
import type { Path } from './finding.ts';
import { hasType, type SchemaNode, schemasAt } from './input-schema.ts';
import type { Plain, ReadResult } from './read.ts';

export function retype({ value, whole, positions }: ReadResult): Plain {
  let root = value;
  for (const place of whole) {
    const path = positions.pathOf(place);
    const forms = schemasAt(path);
    if (!forms.some((form) => hasType(form, 'string'))) root = replaced(root, path, (text) => asWanted(text, forms));
  }
  return root;
}

function asWanted(text: Plain, forms: readonly SchemaNode[]): Plain {
  if (typeof text !== 'string') return text;
  const wants = (type: string): boolean => forms.some((form) => hasType(form, type));
  if (wants('boolean') && (text === 'true' || text === 'false')) return text === 'true';
  return /^-?\d+(\.\d+)?$/.test(text) && (wants('integer') || wants('number')) ? Number(text) : text;
}

function replaced(value: Plain, [head, ...rest]: Path, change: (value: Plain) => Plain): Plain {
  if (head === undefined) return change(value);
  // The tree was built by `read` a moment ago and nobody else holds it: changed in place.
  if (Array.isArray(value)) value[Number(head)] = replaced(value[Number(head)] ?? null, rest, change);
  else if (value !== null && typeof value === 'object') value[head] = replaced(value[head] ?? null, rest, change);
  return value;
}
