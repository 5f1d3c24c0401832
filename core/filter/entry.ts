/** One item of a list of filters: which filter, with which options. */
import { complete } from '../config/complete.ts';
import { schemasAt } from '../config/input-schema.ts';
import type { BuiltInName, BuiltInOptions, FilterEntry } from '../config/schema/index.ts';

/** A built-in filter with its options complete, or a module of the user's with its options as they stand. */
export type NamedFilter =
  | {
      readonly [Name in BuiltInName]: { readonly name: Name; readonly options: BuiltInOptions[Name]; readonly module?: undefined };
    }[BuiltInName]
  | { readonly name: string; readonly module: string; readonly options: unknown };

export function named(entry: FilterEntry): NamedFilter {
  const [name = '', options] = typeof entry === 'string' ? [entry] : (Object.entries(entry)[0] ?? []);
  if (/^\.{0,2}\//.test(name)) return { name, module: name, options };
  return { name, options: options ?? withoutOptions(name) } as NamedFilter;
}

/** A filter that is named alone has what the schema says. */
function withoutOptions(name: string): unknown {
  const [schema = {}] = schemasAt(['routes', 0, 'filters', 0, name]);
  return complete(schema, {}, new Set());
}
