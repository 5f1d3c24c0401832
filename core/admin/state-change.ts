/** What changed between two states, as a merge patch (RFC 7396): names that went are null, lists are told whole. */

export type Json = string | number | boolean | readonly Json[] | { readonly [name: string]: Json | undefined };
export type JsonObject = { readonly [name: string]: Json | undefined };
export type Patch = { [name: string]: Json | Patch | null };

/** @returns undefined where nothing did */
export function changeOf(before: JsonObject, after: JsonObject): Patch | undefined {
  let patch: Patch | undefined;
  for (const name in after) {
    const [was, is] = [entryOf(before, name), after[name]];
    if (is === undefined || was === is) continue;
    const told = was === undefined ? is : changed(was, is);
    if (told === undefined) continue;
    patch ??= emptyPatch();
    patch[name] = told;
  }
  for (const name in before) {
    if (before[name] === undefined || entryOf(after, name) !== undefined) continue;
    patch ??= emptyPatch();
    patch[name] = null;
  }
  return patch;
}

function changed(was: Json, is: Json): Json | Patch | undefined {
  if (typeof is !== 'object') return is;
  if (isList(is)) return isList(was) && JSON.stringify(was) === JSON.stringify(is) ? undefined : is;
  return typeof was === 'object' && !isList(was) ? changeOf(was as JsonObject, is as JsonObject) : is;
}

/** The state after a change. Only what changed is made anew. */
export function withChange(state: JsonObject, patch: Patch): JsonObject {
  const names: [string, Json | undefined][] = Object.entries(state).filter(([name]) => !Object.hasOwn(patch, name));
  for (const [name, told] of Object.entries(patch)) {
    if (told === null) continue;
    const was = entryOf(state, name);
    const into = typeof was === 'object' && !isList(was) ? (was as JsonObject) : {};
    names.push([name, typeof told === 'object' && !isList(told) ? withChange(into, told as Patch) : (told as Json)]);
  }
  // Unlike an assignment, this takes `__proto__` for a name.
  return Object.fromEntries(names);
}

/** Names are a user's own: `constructor` is one. */
const entryOf = (state: JsonObject, name: string): Json | undefined => (Object.hasOwn(state, name) ? state[name] : undefined);

/** In which `__proto__` is a name too. */
const emptyPatch = (): Patch => Object.create(null) as Patch;

export const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);

const isList = (value: unknown): value is readonly Json[] => Array.isArray(value);

/** Whether objects stand within objects no deeper than this. */
export function isShallow(value: unknown, deepest: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return deepest > 0 && Object.values(value).every((inner) => isShallow(inner, deepest - 1));
}
