/** `version`: what runs, and on what. */
import { version } from '../version.ts';
import { type FormatOption, type Subcommand, withFormat } from './terminal.ts';

export const versionCommand: Subcommand = (program, { profile, terminal }) => {
  withFormat(program.command('version').description('print the version')).action(({ format }: FormatOption) =>
    terminal.out(
      format === 'json'
        ? `${JSON.stringify({ ok: true, version, gateway: profile.name, node: process.version })}\n`
        : `postern ${version} ${profile.name} (Node ${process.version})\n`,
    ),
  );
};
