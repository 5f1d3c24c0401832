/** The command line of a gateway: one subcommand a file. */
import { Command, CommanderError } from 'commander';
import { ConfigError } from '../config/finding.ts';
import type { Profile } from '../profile.ts';
import { checkCommand } from './check.ts';
import { explainCommand } from './explain.ts';
import { routesCommand } from './routes.ts';
import { schemaCommand } from './schema.ts';
import { startCommand } from './start.ts';
import { exitCodes, processTerminal, type Subcommand, type Terminal, UsageError } from './terminal.ts';
import { versionCommand } from './version.ts';

const subcommands: readonly Subcommand[] = [startCommand, checkCommand, routesCommand, explainCommand, schemaCommand, versionCommand];

/** Runs one command, `argv` without node and script; resolves with the exit code. */
export async function runCli(profile: Profile, argv: readonly string[], terminal: Terminal = processTerminal): Promise<number> {
  let code: number = exitCodes.ok;
  const program = new Command(profile.name)
    .description(`Postern's ${profile.section} gateway.`)
    .exitOverride()
    .configureOutput({ writeOut: terminal.out, writeErr: terminal.err })
    .showHelpAfterError('(--help lists the commands)');
  for (const subcommand of subcommands) {
    subcommand(program, {
      profile,
      terminal,
      exit: (given) => {
        code = given;
      },
    });
  }
  try {
    await program.parseAsync(argv, { from: 'user' });
    return code;
  } catch (problem) {
    return codeOf(problem, profile, terminal);
  }
}

function codeOf(problem: unknown, profile: Profile, terminal: Terminal): number {
  // Commander has said what it has to say by now; help that was asked for is no error.
  if (problem instanceof CommanderError) return problem.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  if (problem instanceof UsageError) {
    terminal.err(`${profile.name}: ${problem.message}\n`);
    return exitCodes.usage;
  }
  if (problem instanceof ConfigError) {
    terminal.err(`${problem.message}\n`);
    return exitCodes.failed;
  }
  terminal.err(`${profile.name}: ${problem instanceof Error ? problem.message : String(problem)}\n`);
  return exitCodes.failed;
}
