/** `routes`: the route table in order of precedence, with who may use each route. */
import { loadChecked } from '../check/routes.ts';
import type { RouteConfig } from '../config/schema/index.ts';
import { describeServices } from '../config/service-references.ts';
import { describePrivate, describePublic } from '../routing/exposure.ts';
import type { Route } from '../routing/route.ts';
import { buildTable } from '../routing/table.ts';
import { columns } from './columns.ts';
import { type ConfigOption, type Subcommand, withConfig } from './terminal.ts';

export const routesCommand: Subcommand = (program, { profile, terminal }) => {
  withConfig(program.command('routes').description('list the routes in order of precedence, with their exposure')).action(
    ({ config: file }: ConfigOption) => {
      const { config } = loadChecked(file, { section: profile.section });
      const rows = buildTable(config.routes)
        .routesInOrder()
        .map((route) => cells(route));
      terminal.out(columns([['ROUTE', 'METHODS', 'HOST', 'PATH', 'WHEN', 'SERVICE', 'PUBLIC', 'PRIVATE'], ...rows]));
    },
  );
};

function cells({ config, host, template, predicates }: Route): string[] {
  const when = predicates.map(({ kind, name, value }) => `${kind} ${name}=${value}`).join(' ');
  return [
    config.name,
    config.match.methods?.join(',') ?? (config.aggregate ? 'GET' : '*'),
    host ?? '*',
    pathText(config, template),
    when === '' ? '-' : when,
    describeServices(config),
    describePublic(config),
    describePrivate(config),
  ];
}

const pathText = ({ match }: RouteConfig, template: string): string => (match.path?.startsWith('~') ? match.path : template);
