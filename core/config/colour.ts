/** What the environment says of colours in a terminal. */

/**
 * On a terminal, unless `NO_COLOR` is set (https://no-color.org) or `TERM` is `dumb`; `FORCE_COLOR` decides before all of them:
 * `0` and `false` for none, anything else for colours even into a pipe.
 */
export function wantsColour(isTerminal: boolean, environment: NodeJS.ProcessEnv = process.env): boolean {
  const { FORCE_COLOR: forced, NO_COLOR: none, TERM: kind } = environment;
  if (forced !== undefined && forced !== '') return forced !== '0' && forced !== 'false';
  return isTerminal && (none === undefined || none === '') && kind !== 'dumb';
}
