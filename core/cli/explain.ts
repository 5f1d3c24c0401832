/** `explain`: which route a request would take, which step would decide, and why the other routes lost. Sends nothing. */
import { loadChecked } from '../check/routes.ts';
import type { Config, RouteConfig } from '../config/schema/index.ts';
import { buildTable } from '../routing/table.ts';
import { columns } from './columns.ts';
import { type Request, requestOf } from './explained-request.ts';
import { type Decision, decide } from './decision.ts';
import { type ConfigOption, exitCodes, type Subcommand, withConfig } from './terminal.ts';

interface ExplainOptions extends ConfigOption {
  header: string[];
}

export const explainCommand: Subcommand = (program, { profile, terminal, exit }) => {
  withConfig(program.command('explain').description('say which route a request would take, and why; sends nothing'))
    .argument('<method>', 'e.g. GET')
    .argument('<url>', 'a path, or a whole URL for its host')
    .option('-H, --header <field>', "a header field, 'name: value'; may be repeated", (field: string, fields: string[]) => [...fields, field], [])
    .action((method: string, url: string, { config: file, header }: ExplainOptions) => {
      const request = requestOf(method, url, header);
      const { config } = loadChecked(file, { section: profile.section });
      const decision = decide(config, profile.section, request);
      terminal.out(report(config, profile.section, request, decision));
      if (!decision.allowed) exit(exitCodes.failed);
    });
};

function report(config: Config, section: 'public' | 'private', request: Request, decision: Decision): string {
  const lines = [`${request.method} ${request.target} for ${request.host}, through the ${section} gateway`, ''];
  const steps = columns(decision.steps.map(({ step, says }, index) => [index === decision.steps.length - 1 ? `=> ${step}` : `   ${step}`, says]));
  const others = decision.query === undefined ? '' : losers(config, section, decision);
  return `${lines.join('\n')}\n${steps}${others === '' ? '' : `\nthe other routes, in order of precedence\n${others}`}`;
}

function losers(config: Config, section: 'public' | 'private', { query, route }: Decision): string {
  if (query === undefined) return '';
  const isExposed = ({ expose }: RouteConfig): boolean => expose[section] !== undefined;
  const exposed = buildTable(config.routes.filter(isExposed));
  const rows = exposed
    .explain(query)
    .filter(({ taken }) => !taken || route === undefined)
    .map(({ route: other, reason }) => [`   ${other.name}`, because(reason)]);
  const elsewhere = config.routes.filter((other) => !isExposed(other)).map(({ name }) => [`   ${name}`, `is not exposed through the ${section} gateway`]);
  return columns([...rows, ...elsewhere]);
}

function because(reason: string | null): string {
  if (reason === null) return 'would take it';
  if (reason === 'precedence') return 'matches too, but goes after the one taken';
  return /^(host|path|method|header|cookie|query)/.test(reason) ? `another ${reason}` : reason;
}

