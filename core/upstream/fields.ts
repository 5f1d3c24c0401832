/** Reading flat header fields (name, value, name, value) by name. */

/** The values of a field in the order they came. */
export function valuesOf(fields: readonly string[], lowerName: string): string[] {
  const values: string[] = [];
  for (let at = 0; at < fields.length; at += 2) {
    const name = fields[at] as string;
    if (name.length === lowerName.length && name.toLowerCase() === lowerName) values.push(fields[at + 1] as string);
  }
  return values;
}

/** A list field, its lines as one (RFC 9110 section 5.3); `undefined` when it is absent. */
export function listOf(fields: readonly string[], lowerName: string): string | undefined {
  const values = valuesOf(fields, lowerName);
  return values.length === 0 ? undefined : values.join(', ');
}

/** A field that has one value; `undefined` when it is absent, or there is more than one of it. */
export function oneOf(fields: readonly string[], lowerName: string): string | undefined {
  const values = valuesOf(fields, lowerName);
  return values.length === 1 ? values[0] : undefined;
}
