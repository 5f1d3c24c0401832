/** `explain`: which route a request would take, which step would decide, and why the other routes lost. Sends nothing. */
import { loadChecked } from '../check/routes.ts';
import type { Config } from '../config/schema/index.ts';
import { exposedThrough } from '../routing/exposure.ts';
import type { Route } from '../routing/route.ts';
import { buildTable } from '../routing/table.ts';
import { columns } from './columns.ts';
import { type Decision, decide } from './decision.ts';
import { type Request, requestOf } from './explained-request.ts';
import { type ConfigOption, exitCodes, type Subcommand, withConfig } from './terminal.ts';

interface ExplainOptions extends ConfigOption {
  header: string[];
}

export const explainCommand: Subcommand = (program, { profile, terminal, exit }) => {
  withConfig(program.command('explain').description('say which route a request would take, and why; sends nothing'))
    .argument('<method>', 'e.g. GET')
    .argument('<url>', 'a path, or a whole URL for its host')
    .option(
      '-H, --header <field>',
      "a header field, 'name: value'; may be repeated",
      (field: string, fields: string[]) => [...fields, field],
      [],
    )
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
  const steps = columns(
    decision.steps.map(({ step, says }, index) => [index === decision.steps.length - 1 ? `=> ${step}` : `   ${step}`, says]),
  );
  const others = decision.query === undefined ? '' : losers(config, section, decision);
  return `${lines.join('\n')}\n${steps}${others === '' ? '' : `\nthe other routes, in order of precedence\n${others}`}`;
}

function losers(config: Config, section: 'public' | 'private', { query, route }: Decision): string {
  if (query === undefined) return '';
  const exposed = exposedThrough(section, config.routes);
  const rows = buildTable(exposed)
    .explain(query)
    .filter(({ route: other }) => other.config !== route?.route.config)
    .map(({ route: other, reason }) => [`   ${other.name}`, because(other, reason)]);
  const elsewhere = config.routes
    .filter((other) => !exposed.includes(other))
    .map(({ name }) => [`   ${name}`, `is not exposed through the ${section} gateway`]);
  return columns([...rows, ...elsewhere]);
}

/** What the route asks for and the request does not have. */
function because(route: Route, reason: string | null): string {
  switch (reason) {
    case null:
      return 'matches';
    case 'precedence':
      return 'matches too, but goes after the one taken';
    case 'host':
      return `takes the host ${route.host}`;
    case 'path':
      return `takes the path ${route.config.match.path ?? route.template}`;
    case 'method':
      return `takes the methods ${[...(route.methods ?? [])].join(', ')}`;
    default: {
      const predicate = route.predicates.find(({ kind, name }) => reason === `${kind} ${name}`);
      return predicate === undefined ? `refuses it: ${reason}` : `asks for ${reason}=${predicate.value}`;
    }
  }
}
