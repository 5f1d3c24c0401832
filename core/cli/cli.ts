/** The command line of a gateway: one subcommand a file. */
import { Command, CommanderError } from 'commander';
import { ConfigError, findingDocument } from '../config/finding.ts';
import type { Profile } from '../profile.ts';
import { checkCommand } from './check.ts';
import { completionCommand } from './completion.ts';
import { explainCommand } from './explain.ts';
import { printable } from './plain.ts';
import { routesCommand } from './routes.ts';
import { schemaCommand } from './schema.ts';
import { startCommand } from './start.ts';
import { asksForJson, exitCodes, processTerminal, type Subcommand, type Terminal, UsageError } from './terminal.ts';
import { topCommand } from './top.ts';
import { versionCommand } from './version.ts';

const subcommands: readonly Subcommand[] = [
  startCommand,
  checkCommand,
  routesCommand,
  explainCommand,
  topCommand,
  schemaCommand,
  completionCommand,
  versionCommand,
];

/** Runs one command, `argv` without node and script; resolves with the exit code. */
export async function runCli(profile: Profile, argv: readonly string[], terminal: Terminal = processTerminal): Promise<number> {
  let code: number = exitCodes.ok;
  const inJson = asksForJson(argv);
  const program = new Command(profile.name)
    .description(`Postern's ${profile.section} gateway.`)
    .exitOverride()
    .configureOutput({ writeOut: terminal.out, writeErr: inJson ? () => {} : terminal.err })
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
    return inJson ? codeInJson(problem, terminal) : codeOf(problem, profile, terminal);
  }
}

/** An error as the one document that goes out. */
function codeInJson(problem: unknown, { out }: Terminal): number {
  if (problem instanceof CommanderError && problem.exitCode === 0) return exitCodes.ok;
  const error = problem instanceof Error ? problem.message : String(problem);
  const findings = problem instanceof ConfigError ? { findings: problem.findings.map(findingDocument) } : {};
  out(`${JSON.stringify({ ok: false, error, ...findings })}\n`);
  return problem instanceof CommanderError || problem instanceof UsageError ? exitCodes.usage : exitCodes.failed;
}

function codeOf(problem: unknown, profile: Profile, terminal: Terminal): number {
  // Commander has said what it has to say by now; help that was asked for is no error.
  if (problem instanceof CommanderError) return problem.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  if (problem instanceof UsageError) {
    terminal.err(`${profile.name}: ${printable(problem.message)}\n`);
    return exitCodes.usage;
  }
  if (problem instanceof ConfigError) {
    terminal.err(`${printable(problem.message)}\n`);
    return exitCodes.failed;
  }
  terminal.err(`${profile.name}: ${printable(problem instanceof Error ? problem.message : String(problem))}\n`);
  return exitCodes.failed;
}
