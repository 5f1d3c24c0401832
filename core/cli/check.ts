/** `check`: every finding in a configuration, without running it. */
import { loadChecked } from '../check/routes.ts';
import { ConfigError, type Finding, formatFinding } from '../config/finding.ts';
import type { LoadedConfig } from '../config/load.ts';
import { loadFilters } from '../filter/check.ts';
import { exposedThrough } from '../routing/exposure.ts';
import { type ConfigOption, exitCodes, type Subcommand, type Terminal, withConfig } from './terminal.ts';

export const checkCommand: Subcommand = (program, { profile, terminal, exit }) => {
  withConfig(program.command('check').description('say everything that is wrong with the configuration')).action(
    async ({ config: file }: ConfigOption) => {
      try {
        const loaded = loadChecked(file, { section: profile.section });
        (await loadFilters(loaded)).close();
        print(loaded.findings, terminal);
        terminal.out(`${summary(loaded)}\n`);
      } catch (problem) {
        // A file that cannot be read has no findings: that goes to standard error like any other failure.
        if (!(problem instanceof ConfigError) || problem.findings.every(({ line }) => line === 0)) throw problem;
        print(problem.findings, terminal);
        terminal.out(`${counts(problem.findings)}\n`);
        exit(exitCodes.failed);
      }
    },
  );
};

function print(findings: readonly Finding[], { out }: Terminal): void {
  for (const finding of findings) out(`${formatFinding(finding)}\n`);
}

const counted = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`;

function counts(findings: readonly Finding[]): string {
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  const warnings = findings.length - errors;
  return [counted(errors, 'error'), ...(warnings === 0 ? [] : [counted(warnings, 'warning')])].join(', ');
}

function summary({ config, findings, revision }: LoadedConfig): string {
  const exposed = (section: 'public' | 'private'): number => exposedThrough(section, config.routes).length;
  const parts = [
    counted(Object.keys(config.services).length, 'service'),
    `${counted(config.routes.length, 'route')} (${exposed('public')} public, ${exposed('private')} private)`,
    counted(Object.keys(config.private.callers).length, 'caller'),
    ...(findings.length === 0 ? [] : [counted(findings.length, 'warning')]),
    `revision ${revision}`,
  ];
  return `ok: ${parts.join(', ')}`;
}
