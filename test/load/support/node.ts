/** How a program of this repository is run: the Node of node_modules, with the flags the gateways are started with. */
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../../', import.meta.url));

/** More flags for the measured Node processes, for instance NODE_FLAGS="--cpu-prof --cpu-prof-dir=/tmp/profile". */
const more = (process.env.NODE_FLAGS ?? '').split(' ').filter(Boolean);

export function nodeCommand(file: string, ...args: string[]): string[] {
  return [`${root}node_modules/.bin/node`, '--max-semi-space-size=64', ...more, `${root}${file}`, ...args];
}
