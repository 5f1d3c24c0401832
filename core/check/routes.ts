/** What only the route table can tell of a configuration: routes it refuses, and routes that another one hides. */
import { ConfigError, error, type Finding, inOrder, type Remark, warning } from '../config/finding.ts';
import { type LoadedConfig, type LoadOptions, loadConfig } from '../config/load.ts';
import { didYouMean } from '../config/nearest.ts';
import { contractsOf, readContracts } from '../contract/contracts.ts';
import { compileRoute } from '../routing/compile.ts';
import { hiddenBy } from '../routing/hidden.ts';

/** Loads and checks everything: what `start`, a reload and `check` agree on. Throws a `ConfigError`. */
export function loadChecked(file: string, { environment, section }: LoadOptions = {}): LoadedConfig {
  const loaded = loadConfig(file, environment, section, readContracts);
  const findings = inOrder([...loaded.findings, ...checkRoutes(loaded)]);
  if (findings.some(({ severity }) => severity === 'error')) throw new ConfigError(findings);
  return { ...loaded, findings };
}

export function checkRoutes(loaded: LoadedConfig): Finding[] {
  return [...checkTable(loaded), ...checkOperations(loaded)];
}

/** Routes that are for one operation, which a contract has. */
function checkOperations(loaded: LoadedConfig): Finding[] {
  return loaded.config.routes.flatMap(({ operation, service = '' }, index): Finding[] => {
    const contract = contractsOf(loaded).get(service);
    if (operation === undefined || !contract || contract.operations.some(({ name }) => name === operation)) return [];
    const hint = didYouMean(
      operation,
      contract.operations.map(({ name }) => name),
    );
    return [
      loaded.locate(error(['routes', index, 'operation'], `names ${operation}, which the contract of ${service} does not have`, { hint })),
    ];
  });
}

function checkTable({ config, locate }: LoadedConfig): Finding[] {
  const refused = config.routes.flatMap((route, index): Remark[] => {
    try {
      compileRoute(route, index);
      return [];
    } catch (problem) {
      return [error(['routes', index], `is refused by the route table: ${problem instanceof Error ? problem.message : String(problem)}`)];
    }
  });
  if (refused.length > 0) return refused.map(locate);
  const hidden = (['public', 'private'] as const).flatMap((section) =>
    hiddenBy(config.routes, section).map((pair) =>
      warning(
        ['routes', config.routes.indexOf(pair.hidden)],
        `never gets a ${section} request: the route ${pair.by.name} takes them all first`,
      ),
    ),
  );
  return hidden.map(locate);
}
