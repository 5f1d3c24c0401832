/** A configuration from its file: read, validated, completed, checked. Every error at once, each with its place. */
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { check } from './check.ts';
import { complete } from './complete.ts';
import { derive } from './derived.ts';
import { ConfigError, type Finding, inOrder, ofWhole, type Path, type Remark } from './finding.ts';
import { inputSchema } from './input-schema.ts';
import { type Positions, pointer } from './positions.ts';
import { type Plain, read } from './read.ts';
import { readingProblem } from './reading-problem.ts';
import { retype } from './retype.ts';
import type { Config } from './schema/index.ts';
import { validate } from './validate.ts';

export { ConfigError, type Finding, formatFinding } from './finding.ts';

export interface LoadedConfig {
  readonly config: Config;
  /** Warnings; errors are thrown. */
  readonly findings: readonly Finding[];
  /** As it was named, for messages. */
  readonly file: string;
  /** Where relative file names in it begin. */
  readonly directory: string;
  /** Names this text; both gateways show it, so that one can see whether they run the same. */
  readonly revision: string;
  /** What came with it. */
  readonly companion: Companion | undefined;
  /** A remark of a check that runs later, with its place in the file. */
  locate(remark: Remark): Finding;
  /** Where a value stands that was given; undefined for one that was not (a default). */
  placeOf(path: Path): Place | undefined;
}

export type Place = Pick<Finding, 'file' | 'line' | 'column'>;

export interface LoadOptions {
  /** Whose `${NAME}` are put in. */
  environment?: NodeJS.ProcessEnv;
  /**
   * The gateway that is to run. What only this machine lacks (files, variables) for the section of the other gateway is a
   * warning then: its certificates and secrets have no business here.
   */
  section?: 'public' | 'private' | undefined;
  /** Reads what the file refers to. */
  accompany?: Accompany | undefined;
}

/** From a configuration as it was read, and the folder that its files are relative to, to what comes with it. */
export type Accompany = (configuration: Plain, file: string, directory: string) => Companion;

export interface Companion {
  /** Routes beside those of the file, which are validated as they are. */
  readonly routes: readonly MadeRoute[];
  /** What is wrong in other files, and what is wrong here because of them. */
  readonly findings: readonly Finding[];
  readonly remarks: readonly Remark[];
}

export interface MadeRoute {
  /** For whose sake it was made: there is its place in the file. */
  readonly service: string;
  readonly route: Plain;
  /** Where what it says stands, when that is in another file. */
  place?(): Place;
}

export function loadConfig(
  file: string,
  environment: NodeJS.ProcessEnv = process.env,
  section?: LoadOptions['section'],
  accompany?: Accompany,
): LoadedConfig {
  return parseConfig(readConfig(file), { file, environment, section, accompany });
}

export function parseConfig(
  text: string,
  { file, environment = process.env, section, accompany }: LoadOptions & { file: string },
): LoadedConfig {
  const directory = dirname(resolve(file));
  const reading = read(text, file, environment);
  const { positions } = reading;
  if (reading.fatal) throw new ConfigError(inOrder(reading.findings));

  const value = retype(reading);
  const companion = accompany?.(value, file, directory);
  const made = addRoutes(value, companion?.routes ?? [], positions);
  const { remarks, invalid } = validate(value, { ...reading, pathOf: (place) => positions.pathOf(place) });
  derive(value);
  // The schema has said that the shape is right, or `complete` has made it so.
  const config = complete(inputSchema, value, invalid) as Config;
  const context = { directory, isGiven: (path: Path) => positions.has(path), written: (path: Path) => textAt(value, path) };
  const conclusions = check(config, context).filter((remark) => !isMoot(remark, invalid));
  const locate = (remark: Remark): Finding => ({
    ...positions.locate(isElsewhere(remark, section) ? { ...remark, severity: 'warning' } : remark),
    ...(remark.path[0] === 'routes' ? made.get(Number(remark.path[1]))?.place?.() : undefined),
  });
  const said = [...reading.remarks, ...remarks, ...conclusions, ...(companion?.remarks ?? [])];
  const findings = [...inOrder([...reading.findings, ...said.map(locate)]), ...(companion?.findings ?? [])];
  if (findings.some(({ severity }) => severity === 'error')) throw new ConfigError(findings, config);

  const placeOf = (path: Path): Place | undefined => {
    const maker = path[0] === 'routes' ? made.get(Number(path[1])) : undefined;
    // What was made of a contract stands where that says it, or where the configuration names the contract.
    if (maker) return valueAt(value, path) === undefined ? undefined : { file, ...positions.at(path), ...maker.place?.() };
    return positions.has(path) ? { file, ...positions.at(path) } : undefined;
  };
  return { config, findings, file, directory, revision: revisionOf(text), companion, locate, placeOf };
}

/** Names a text. */
export const revisionOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 12);

/** Behind those of the file, which come first where two are equal otherwise. Gives back what stands at which place of the list. */
function addRoutes(value: Plain, routes: readonly MadeRoute[], positions: Positions): ReadonlyMap<number, MadeRoute> {
  const made = new Map<number, MadeRoute>();
  if (routes.length === 0 || value === null || typeof value !== 'object' || Array.isArray(value)) return made;
  value['routes'] ??= [];
  const { routes: list } = value;
  if (!Array.isArray(list)) return made;
  for (const one of routes) {
    positions.recordAs(['routes', list.length], ['services', one.service, 'routesFrom']);
    made.set(list.length, one);
    list.push(one.route);
  }
  return made;
}

/** Bytes; what is larger is something else that was put in its place, and would be read for minutes while requests wait. */
const LARGEST = 16 * 1024 * 1024;

/** @throws ConfigError when it cannot be read as text */
export function readConfig(file: string): string {
  try {
    if (statSync(file).size > LARGEST) throw new Error(`it is larger than ${LARGEST / 1024 / 1024} MiB`);
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file));
  } catch (problem) {
    throw new ConfigError([ofWhole(file, `cannot be read: ${readingProblem(problem)}`)]);
  }
}

function textAt(value: Plain, path: Path): string | undefined {
  const found = valueAt(value, path);
  return typeof found === 'string' ? found : undefined;
}

function valueAt(value: Plain, path: Path): Plain | undefined {
  let inner: Plain | undefined = value;
  for (const segment of path)
    inner = typeof inner === 'object' && inner !== null ? (inner as { [key: string | number]: Plain })[segment] : undefined;
  return inner;
}

/** A conclusion about a value that is itself in error, or has errors inside, or was drawn from such a value, says nothing new. */
function isMoot({ path, from = [] }: Remark, invalid: ReadonlySet<string>): boolean {
  const place = `${pointer(path)}/`;
  const sources = [path, ...from].map((source) => `${pointer(source)}/`);
  return [...invalid].some(
    (wrong) => wrong.startsWith(place) || `${wrong}/` === place || sources.some((source) => source.startsWith(`${wrong}/`)),
  );
}

const isElsewhere = ({ local, path }: Remark, section: LoadOptions['section']): boolean =>
  local === true && section !== undefined && path[0] === (section === 'public' ? 'private' : 'public');
