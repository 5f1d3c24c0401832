/** `completion`: what makes a shell complete the command, its options and files. */
import { Argument } from 'commander';
import { bashCompletion } from './completion/bash.ts';
import { describeCommands } from './completion/described.ts';
import { zshCompletion } from './completion/zsh.ts';
import type { Subcommand } from './terminal.ts';

const shells = { bash: bashCompletion, zsh: zshCompletion };

export const completionCommand: Subcommand = (program, { profile, terminal }) => {
  program
    .command('completion')
    .description('print the completion script of a shell')
    .addArgument(new Argument('<shell>', 'e.g. bash: source <(postern-public completion bash)').choices(Object.keys(shells)))
    .action((shell: keyof typeof shells) => terminal.out(shells[shell](`postern-${profile.section}`, describeCommands(program))));
};
