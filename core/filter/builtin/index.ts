/** Every built-in filter by the name that configurations use. Adding one is a file, a name in the schema and a line here. */
import type { BuiltInName, BuiltInOptions } from '../../config/schema/index.ts';
import type { Bound } from '../chain.ts';
import type { BuiltIn, BuiltInParts } from './built-in.ts';
import { compress } from './compress.ts';
import { abort, delay } from './faults.ts';
import { mirror } from './mirror.ts';
import { prefixPath, rewritePath, stripPrefix } from './paths.ts';
import { redirect } from './redirect.ts';
import { addRequestHeader, removeRequestHeader, setRequestHeader } from './request-headers.ts';
import { requestSize } from './request-size.ts';
import { addResponseHeader, removeResponseHeader, setResponseHeader } from './response-headers.ts';
import { rewriteLocation } from './rewrite-location.ts';
import { secureHeaders } from './secure-headers.ts';
import { setStatus } from './set-status.ts';

const factories: { readonly [Name in BuiltInName]: (options: BuiltInOptions[Name], parts: BuiltInParts) => BuiltIn | undefined } = {
  setRequestHeader,
  addRequestHeader,
  removeRequestHeader,
  setResponseHeader,
  addResponseHeader,
  removeResponseHeader,
  stripPrefix,
  prefixPath,
  rewritePath,
  redirect,
  setStatus,
  requestSize,
  secureHeaders,
  compress,
  mirror,
  delay,
  abort,
  rewriteLocation,
};

type Given = { readonly [Name in BuiltInName]: { readonly name: Name; readonly options: BuiltInOptions[Name] } }[BuiltInName];

export function builtIn({ name, options }: Given, parts: BuiltInParts): readonly Bound[] {
  // The name goes with its options, which the type of the union no longer tells.
  const make = factories[name] as (options: unknown, parts: BuiltInParts) => BuiltIn | undefined;
  const filter = make(options, parts);
  return filter ? [{ name, order: filter.order ?? 0, foreign: false, stage: filter.stage, run: filter.run }] : [];
}
