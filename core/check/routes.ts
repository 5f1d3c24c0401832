/** What only the route table can tell of a configuration: routes it refuses, and routes that another one hides. */
import { ConfigError, error, type Finding, inOrder, type Remark, warning } from '../config/finding.ts';
import { type LoadedConfig, type LoadOptions, parseConfig, readConfig } from '../config/load.ts';
import { contractsAfter, contractsOf, readContracts } from '../contract/contracts.ts';
import { compileRoute } from '../routing/compile.ts';
import { hiddenBy } from '../routing/hidden.ts';
import { checkContracts } from './contracts.ts';
import { expressionRemarks } from './expressions.ts';

/** Loads and checks everything: what `start`, a reload and `check` agree on. Throws a `ConfigError`. */
export function loadChecked(file: string, options: LoadOptions = {}): LoadedConfig {
  return parseChecked(readConfig(file), { file, ...options });
}

/** The same of a text. @param before whose contracts need not be compiled again where they did not change */
export function parseChecked(text: string, { before, ...options }: LoadOptions & { file: string; before?: LoadedConfig }): LoadedConfig {
  const loaded = parseConfig(text, { ...options, accompany: before ? contractsAfter(contractsOf(before)) : readContracts });
  const findings = inOrder([...loaded.findings, ...checkRoutes(loaded)]);
  if (findings.some(({ severity }) => severity === 'error')) throw new ConfigError(findings, loaded.config);
  return { ...loaded, findings };
}

export function checkRoutes(loaded: LoadedConfig): Finding[] {
  const { config, locate } = loaded;
  const refused = config.routes.flatMap((route, index): Remark[] => {
    try {
      compileRoute(route, index);
      return [];
    } catch (problem) {
      return [error(['routes', index], `is refused by the route table: ${problem instanceof Error ? problem.message : String(problem)}`)];
    }
  });
  if (refused.length > 0) return refused.map(locate);
  const endless = expressionRemarks(config).map(locate);
  if (endless.length > 0) return endless;
  const hidden = (['public', 'private'] as const).flatMap((section) =>
    hiddenBy(config.routes, section).map((pair) =>
      warning(
        ['routes', config.routes.indexOf(pair.hidden)],
        `never gets a ${section} request: the route ${pair.by.name} takes them all first`,
      ),
    ),
  );
  return [...hidden.map(locate), ...checkContracts(loaded)];
}
