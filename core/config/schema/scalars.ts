/**
 * The scalar vocabulary of the configuration. In the file each is a string with its unit; `config/load.ts` turns it into
 * the plain number the types below promise (milliseconds, bytes, fractions), by the schema's `format`.
 */
import Type, { type TUnsafe } from 'typebox';

interface Described {
  description: string;
  default?: string;
  examples?: string[];
}

/** Requests a window: `limit` in every `windowMs`. */
export interface Rate {
  readonly limit: number;
  readonly windowMs: number;
}

/** The `format` names that the loader converts, each with what it becomes. */
export interface Converted {
  duration: number;
  size: number;
  rate: Rate;
  percentage: number;
  /** As ip-range-check understands it: no bits beyond the prefix, IPv4 where it was IPv4-mapped. */
  cidr: string;
}

/** `250ms`, `2s`, `1m`, `1h`: milliseconds in the code. */
export const Duration = (options: Described): TUnsafe<number> => Type.Unsafe<number>({ type: 'string', format: 'duration', ...options });

/** `512B`, `16KiB`, `1MiB`, `1GiB`: bytes in the code. */
export const Size = (options: Described): TUnsafe<number> => Type.Unsafe<number>({ type: 'string', format: 'size', ...options });

/** `100/s`, `20/m`, `1000/h`. */
export const Rate = (options: Described): TUnsafe<Rate> => Type.Unsafe<Rate>({ type: 'string', format: 'rate', ...options });

/** `10%`: a fraction from 0 to 1 in the code. */
export const Percentage = (options: Described): TUnsafe<number> =>
  Type.Unsafe<number>({ type: 'string', format: 'percentage', ...options });

/** One of a few words. */
export const OneOf = <const T extends string>(words: readonly T[], options: Described): TUnsafe<T> =>
  Type.Unsafe<T>({ type: 'string', enum: words, ...options });

/** An object whose keys are names of the user's. `Type.Record` would allow `__proto__`; the pattern is part of the schema. */
export const NAME_PATTERN = '^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$';
