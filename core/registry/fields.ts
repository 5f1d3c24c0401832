/** The fields of a JSON value that anybody may have written. */
export type Fields = Readonly<Record<string, unknown>>;

/** None of what is no object. */
export function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}
