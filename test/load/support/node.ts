/** How a program of this repository is run: the Node of node_modules, with the flags the gateways are started with. */
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../../', import.meta.url));

export function nodeCommand(flags: string[], file: string, ...args: string[]): string[] {
  return nodeCommandIn(root, flags, file, ...args);
}

/** @param checkout another one of this repository, with a slash behind it */
export function nodeCommandIn(checkout: string, flags: string[], file: string, ...args: string[]): string[] {
  return [`${root}node_modules/.bin/node`, '--max-semi-space-size=64', ...flags, `${checkout}${file}`, ...args];
}
