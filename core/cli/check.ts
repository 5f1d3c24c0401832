/** `check`: every finding in a configuration, without running it; with `--diff`, what a change of it opens. */
import type { Command } from 'commander';
import { loadChecked } from '../check/routes.ts';
import { ConfigError, type Finding, findingDocument, formatFinding } from '../config/finding.ts';
import type { LoadedConfig } from '../config/load.ts';
import { loadFilters } from '../filter/check.ts';
import { exposedThrough } from '../routing/exposure.ts';
import { compare, describeChanges, summarizeChanges } from './diff.ts';
import { painter } from './paint.ts';
import { printable } from './plain.ts';
import {
  type ConfigOption,
  exitCodes,
  type FormatOption,
  type Invocation,
  type Subcommand,
  type Terminal,
  UsageError,
  withConfig,
  withFormat,
} from './terminal.ts';

interface CheckOptions extends ConfigOption, FormatOption {
  diff?: string[];
  failOnWider?: boolean;
}

export const checkCommand: Subcommand = (program, invocation) => {
  withFormat(withConfig(program.command('check').description('say everything that is wrong with the configuration')))
    .option('--diff <files...>', 'say what becomes reachable to whom: the old file, and the new one unless -c names it')
    .option('--fail-on-wider', 'with --diff: exit 1 when somebody can reach what they could not')
    .action(async (options: CheckOptions, command: Command) => {
      if (options.failOnWider && options.diff === undefined) throw new UsageError('--fail-on-wider goes with --diff');
      if (options.diff === undefined) return await check(options, invocation);
      diff(options, filesOf(options.diff, command), invocation);
    });
};

function filesOf([before = '', after, ...more]: readonly string[], command: Command): readonly [string, string] {
  const { config } = command.opts<CheckOptions>();
  if (more.length > 0) throw new UsageError('--diff takes two files, the old one and the new one');
  if (after !== undefined && command.getOptionValueSource('config') === 'cli')
    throw new UsageError('-c and the second file of --diff are the same thing');
  return [before, after ?? config];
}

async function check({ config: file, format }: CheckOptions, { profile, terminal, exit }: Invocation): Promise<void> {
  try {
    const loaded = loadChecked(file, { section: profile.section });
    (await loadFilters(loaded)).close();
    if (format === 'json') terminal.out(`${JSON.stringify({ ok: true, ...summaryOf(loaded), ...report(loaded.findings) })}\n`);
    else {
      print(loaded.findings, terminal);
      terminal.out(`${summary(loaded, terminal)}\n`);
    }
  } catch (problem) {
    if (!(problem instanceof ConfigError)) throw problem;
    refuse(problem, file, format, terminal);
    exit(exitCodes.failed);
  }
}

function diff(
  { format, failOnWider = false }: CheckOptions,
  [before, after]: readonly [string, string],
  { profile, terminal, exit }: Invocation,
): void {
  try {
    const difference = compare(before, after, profile.section);
    const { changes } = difference;
    const wider = changes.some((change) => change.wider);
    const side = ({ file, revision }: LoadedConfig) => ({ file, revision });
    if (format === 'json')
      terminal.out(`${JSON.stringify({ ok: true, before: side(difference.before), after: side(difference.after), wider, changes })}\n`);
    else terminal.out(`${describeChanges(changes, painter(terminal.colour))}${summarizeChanges(changes)}\n`);
    if (wider && failOnWider) exit(exitCodes.failed);
  } catch (problem) {
    if (!(problem instanceof ConfigError)) throw problem;
    refuse(problem, after, format, terminal);
    exit(exitCodes.failed);
  }
}

function refuse(problem: ConfigError, file: string, format: FormatOption['format'], terminal: Terminal): void {
  const { findings } = problem;
  if (format === 'json') {
    terminal.out(`${JSON.stringify({ ok: false, file, ...report(findings) })}\n`);
    return;
  }
  // A file that cannot be read has no findings: that goes to standard error like any other failure.
  if (findings.every(({ line }) => line === 0)) throw problem;
  print(findings, terminal);
  terminal.out(`${painter(terminal.colour)('red', counts(findings))}\n`);
}

function counted(findings: readonly Finding[]): { readonly errors: number; readonly warnings: number } {
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  return { errors, warnings: findings.length - errors };
}

const report = (findings: readonly Finding[]) => ({ ...counted(findings), findings: findings.map(findingDocument) });

function print(findings: readonly Finding[], { out, colour }: Terminal): void {
  const paint = painter(colour);
  for (const finding of findings) {
    const text = printable(formatFinding(finding));
    const place = /^\S+?:(?:\d+:\d+)?(?= )/.exec(text)?.[0] ?? '';
    const rest = text.slice(place.length).replace(/^ warning:/, ` ${paint('yellow', 'warning:')}`);
    out(`${paint(finding.severity === 'error' ? 'red' : 'yellow', place)}${rest}\n`);
  }
}

const plural = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`;

function counts(findings: readonly Finding[]): string {
  const { errors, warnings } = counted(findings);
  return [plural(errors, 'error'), ...(warnings === 0 ? [] : [plural(warnings, 'warning')])].join(', ');
}

function summaryOf({ config, file, revision }: LoadedConfig) {
  const exposed = (section: 'public' | 'private'): number => exposedThrough(section, config.routes).length;
  return {
    file,
    revision,
    services: Object.keys(config.services).length,
    routes: { all: config.routes.length, public: exposed('public'), private: exposed('private') },
    callers: Object.keys(config.private.callers).length,
  };
}

function summary(loaded: LoadedConfig, { colour }: Terminal): string {
  const { services, routes, callers, revision } = summaryOf(loaded);
  const parts = [
    plural(services, 'service'),
    `${plural(routes.all, 'route')} (${routes.public} public, ${routes.private} private)`,
    plural(callers, 'caller'),
    ...(loaded.findings.length === 0 ? [] : [plural(loaded.findings.length, 'warning')]),
    `revision ${revision}`,
  ];
  return `${painter(colour)('green', 'ok:')} ${parts.join(', ')}`;
}
