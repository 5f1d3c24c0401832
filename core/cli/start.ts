/** `start`: runs the gateway until it is told to stop. */
import { loadChecked } from '../check/routes.ts';
import { formatFinding } from '../config/finding.ts';
import { printable } from './plain.ts';
import { type ConfigOption, type Subcommand, withConfig } from './terminal.ts';

export const startCommand: Subcommand = (program, { profile, terminal, exit }) => {
  withConfig(program.command('start').description('run the gateway until SIGTERM or SIGINT')).action(
    async ({ config: file }: ConfigOption) => {
      const loaded = loadChecked(file, { section: profile.section });
      for (const finding of loaded.findings) terminal.err(`${printable(formatFinding(finding))}\n`);
      // Only here: the other commands need not wait for what a running gateway is made of.
      const { serve } = await import('../serve.ts');
      exit(await serve(profile, loaded));
    },
  );
};
