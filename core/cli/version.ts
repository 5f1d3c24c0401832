/** `version`: what runs, and on what. */
import { version } from '../version.ts';
import type { Subcommand } from './terminal.ts';

export const versionCommand: Subcommand = (program, { profile, terminal }) => {
  program
    .command('version')
    .description('print the version')
    .action(() => terminal.out(`postern ${version} ${profile.name} (Node ${process.version})\n`));
};
