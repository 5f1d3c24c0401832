/** What only the modules themselves can tell of a configuration: that they load, are filters, and take their options. */
import { basename } from 'node:path';
import { ConfigError, error, type Finding, inOrder, type Path, type Remark } from '../config/finding.ts';
import type { LoadedConfig } from '../config/load.ts';
import type { Config, FilterEntry } from '../config/schema/index.ts';
import { named } from './entry.ts';
import { FilterModules, type LoadResult } from './modules.ts';

/**
 * Loads every filter that a configuration names.
 *
 * @param before those in use, which stay as they are
 * @throws ConfigError with every finding, the earlier warnings among them
 */
export async function loadFilters(loaded: LoadedConfig, before?: FilterModules): Promise<FilterModules> {
  const modules = new FilterModules(loaded.directory, before);
  const findings = await modules.load(moduleNames(loaded.config), (results) => findingsOf(loaded, results));
  if (findings.length === 0) return modules;
  if (!before) modules.close();
  throw new ConfigError(inOrder([...loaded.findings, ...findings]), loaded.config);
}

/** @param results of loading the modules that the configuration names */
export function findingsOf({ config, locate }: LoadedConfig, results: LoadResult): Finding[] {
  return entriesOf(config)
    .flatMap(([path, entry]): Remark[] => {
      const { name, module, options } = named(entry);
      if (module === undefined || config.filters.off.includes(name)) return [];
      const place = typeof entry === 'string' ? path : [...path, name];
      const result = results.get(name);
      if (result === undefined) return [];
      if (result instanceof Error) return [error(place, `cannot be used: ${reason(result)}`, { atKey: true })];
      const checked = result.options(options);
      if ('options' in checked) return [];
      return checked.wrong.map(({ path: inner, message }) => error([...place, ...inner], message, { atKey: message === 'unknown key' }));
    })
    .map(locate);
}

export function moduleNames(config: Config): string[] {
  return entriesOf(config).flatMap(([, entry]) => {
    const { name, module } = named(entry);
    return module === undefined || config.filters.off.includes(name) ? [] : [name];
  });
}

function entriesOf(config: Config): readonly (readonly [Path, FilterEntry])[] {
  const lists: readonly (readonly [Path, readonly FilterEntry[] | undefined])[] = [
    [['public', 'filters'], config.public.filters],
    [['private', 'filters'], config.private.filters],
    ...config.routes.map((route, index) => [['routes', index, 'filters'], route.filters] as const),
  ];
  return lists.flatMap(([path, list = []]) => list.map((entry, at) => [[...path, at], entry] as const));
}

function reason(problem: Error): string {
  const { code, path, stack = '' } = problem as NodeJS.ErrnoException;
  if (code === 'ENOENT' && path !== undefined) return 'there is no such file';
  if (code === 'EISDIR') return 'it is a folder';
  const said = problem.message.split('\n', 1)[0] || 'it does not load';
  // What is imported from there is types, which node takes away only where they are called so.
  const message = said.includes("'postern/filter' does not provide") ? `${said}: import type { … } is meant` : said;
  const [, file, line, column = arrowIn(stack)] = /file:\/\/([^\s()]+?)\?postern:(\d+)(?::(\d+))?/.exec(stack) ?? [];
  return file === undefined ? message : `${message} (${[basename(decodeURI(file)), line, column].filter(Boolean).join(':')})`;
}

/** Of a module that is no TypeScript, node shows the place in its line. */
function arrowIn(stack: string): number | undefined {
  const arrow = /^( *)\^/m.exec(stack);
  return arrow ? (arrow[1] ?? '').length + 1 : undefined;
}
