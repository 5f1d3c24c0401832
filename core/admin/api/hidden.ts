/** Secrets that stand in the file itself never leave the gateway. */
import { withoutPassword } from '../../config/state-url.ts';
import { at, type Written, withValue } from '../../revisions/written.ts';

const SECRETS = [
  ['public', 'jwt', 'secret'],
  ['public', 'admin', 'token'],
  ['private', 'admin', 'token'],
] as const;

export const HIDDEN = '(hidden)';

/** The configuration, with what is secret replaced; the name of a variable is none. */
export function hidden(config: Written): Written {
  let shown = config;
  for (const path of SECRETS) {
    const secret = at(shown, path);
    if (secret !== undefined && !/^\$\{[A-Za-z_]\w*\}$/.test(String(secret))) shown = withValue(shown, path, HIDDEN) ?? null;
  }
  const state = at(shown, ['state']);
  return typeof state === 'string' ? (withValue(shown, ['state'], withoutPassword(state, HIDDEN)) ?? null) : shown;
}
