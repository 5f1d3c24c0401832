/** `explain`: which route a request would take, which step would decide, and why the other routes lost. Sends nothing. */
import { loadChecked } from '../check/routes.ts';
import type { Config } from '../config/schema/index.ts';
import { type Decision, type DescribedRequest, decide } from '../explain/step.ts';
import { loadFilters } from '../filter/check.ts';
import { exposedThrough } from '../routing/exposure.ts';
import type { Route } from '../routing/route.ts';
import { buildTable, type RouteTable } from '../routing/table.ts';
import { columns } from './columns.ts';
import { requestOf } from './explained-request.ts';
import { type ConfigOption, exitCodes, type Subcommand, withConfig } from './terminal.ts';

type Section = 'public' | 'private';

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
    .action(async (method: string, url: string, { config: file, header }: ExplainOptions) => {
      const request = requestOf(method, url, header);
      const loaded = loadChecked(file, { section: profile.section });
      const { config } = loaded;
      const table = buildTable(exposedThrough(profile.section, config.routes));
      const filterModules = await loadFilters(loaded);
      const decision = decide(profile.explain({ config, table, filterModules }), request);
      filterModules.close();
      const others = losers({ config, section: profile.section, table }, decision);
      terminal.out(report(profile.section, request, decision, others));
      if (!decision.allowed) exit(exitCodes.failed);
    });
};

function report(section: Section, { method, target, host }: DescribedRequest, { steps }: Decision, others: string): string {
  const said = columns(steps.map(({ step, says }, index) => [index === steps.length - 1 ? `=> ${step}` : `   ${step}`, says]));
  const head = `${method} ${target} for ${host}, through the ${section} gateway`;
  return `${head}\n\n${said}${others === '' ? '' : `\nthe other routes, in order of precedence\n${others}`}`;
}

interface Catalogue {
  readonly config: Config;
  readonly section: Section;
  readonly table: RouteTable;
}

function losers({ config, section, table }: Catalogue, { query, match }: Decision): string {
  if (query === undefined) return '';
  const rows = table
    .explain(query)
    .filter(({ route: other }) => other.config !== match?.route.config)
    .map(({ route: other, reason }) => [`   ${other.name}`, because(other, reason)]);
  const exposed = exposedThrough(section, config.routes);
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
