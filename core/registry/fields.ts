/** The fields of a JSON value that anybody may have written. */
export type Fields = Readonly<Record<string, unknown>>;

/** None of what is no object. */
export function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

/** The elements of a list; some servers write a list of one as that one alone. */
export function listOf(value: unknown): readonly unknown[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
}
