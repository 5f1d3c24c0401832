/** What header fields, query parameters or cookies must be. */
import Type, { type TUnsafe } from 'typebox';

/** Names, each with the value itself, or with `~` and a regular expression. */
export const Values = (
  description: string,
  names: { type: 'string'; minLength?: number; format?: string } = { type: 'string', minLength: 1 },
): TUnsafe<Readonly<Record<string, string>>> =>
  Type.Unsafe<Readonly<Record<string, string>>>({
    type: 'object',
    minProperties: 1,
    description,
    propertyNames: names,
    additionalProperties: { type: 'string', format: 'value-pattern' },
  });
