/** `routes`: the route table in order of precedence, with who may use each route. */
import { loadChecked } from '../check/routes.ts';
import type { RouteConfig } from '../config/schema/index.ts';
import { describeServices } from '../config/service-references.ts';
import { describePrivate, describePublic } from '../routing/exposure.ts';
import type { Route } from '../routing/route.ts';
import { buildTable } from '../routing/table.ts';
import { columns } from './columns.ts';
import { painter } from './paint.ts';
import { plain } from './plain.ts';
import { type ConfigOption, type FormatOption, type Subcommand, withConfig, withFormat } from './terminal.ts';

const HEAD = ['ROUTE', 'METHODS', 'HOST', 'PATH', 'WHEN', 'SERVICE', 'PUBLIC', 'PRIVATE'];

export const routesCommand: Subcommand = (program, { profile, terminal }) => {
  withFormat(withConfig(program.command('routes').description('list the routes in order of precedence, with their exposure'))).action(
    ({ config: file, format }: ConfigOption & FormatOption) => {
      const { config, revision } = loadChecked(file, { section: profile.section });
      const routes = buildTable(config.routes).routesInOrder();
      const paint = painter(terminal.colour);
      if (format === 'json') terminal.out(`${JSON.stringify({ ok: true, file, revision, routes: routes.map(document) })}\n`);
      else terminal.out(columns([HEAD.map((title) => paint('bold', title)), ...routes.map((route) => cells(route).map(plain))]));
    },
  );
};

/** A compiled route: one for each host that the configuration names; null for every method, every host, no exposure. */
function document({ config, host, methods, template, predicates }: Route) {
  const { public: edge, private: inside } = config.expose;
  return {
    name: config.name,
    methods: methods && [...methods],
    host,
    path: pathText(config, template),
    when: predicates.map(({ kind, name, value }) => ({ kind, name, value })),
    service: describeServices(config),
    public: edge === undefined ? null : { access: edge.access ?? 'authenticated', scopes: edge.scopes ?? [], claims: edge.claims ?? {} },
    private: inside === undefined ? null : { callers: inside.callers },
  };
}

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
