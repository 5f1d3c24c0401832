/** What is wrong with a configuration, and where: the one shape that reading, validating and checking all report in. */

/** The way to a value: `['routes', 0, 'match', 'path']`. */
export type Path = readonly (string | number)[];

export interface Position {
  /** From 1; 0 stands for the file as a whole. */
  readonly line: number;
  readonly column: number;
}

export interface Finding extends Position {
  readonly severity: 'error' | 'warning';
  readonly file: string;
  readonly path: Path;
  /** In plain words; reads on from the path. */
  readonly message: string;
  /** What was probably meant, e.g. `did you mean timeout?`. */
  readonly hint?: string;
}

/** A finding before the file's name and the position are known. */
export interface Remark {
  readonly severity: 'error' | 'warning';
  readonly path: Path;
  readonly message: string;
  readonly hint?: string | undefined;
  /** Point at the key, not at its value. */
  readonly atKey?: boolean;
  /** Other values it was concluded from: when one of them is itself in error, the conclusion is dropped. */
  readonly from?: readonly Path[];
  /** True where another machine could find otherwise: its files, its environment. */
  readonly local?: boolean;
}

export const error = (path: Path, message: string, rest: Partial<Remark> = {}): Remark => ({ severity: 'error', path, message, ...rest });
export const warning = (path: Path, message: string, rest: Partial<Remark> = {}): Remark => ({
  severity: 'warning',
  path,
  message,
  ...rest,
});

const plainKey = /^[\p{L}\p{N}_$*-]+$/u;

/** `routes[0].match.headers["x y"]`. */
export function formatPath(path: Path): string {
  let text = '';
  for (const segment of path) {
    if (typeof segment === 'number') text += `[${segment}]`;
    else if (plainKey.test(segment)) text += text === '' ? segment : `.${segment}`;
    else text += `[${JSON.stringify(segment)}]`;
  }
  return text;
}

/** `postern.yaml:7:5 routes[0].timout unknown key (did you mean timeout?)`. */
export function formatFinding(finding: Finding): string {
  const place = finding.line === 0 ? `${finding.file}:` : `${finding.file}:${finding.line}:${finding.column}`;
  const words = [place];
  if (finding.severity === 'warning') words.push('warning:');
  if (finding.path.length > 0) words.push(formatPath(finding.path));
  words.push(finding.message);
  if (finding.hint !== undefined) words.push(`(${finding.hint})`);
  return words.join(' ');
}

/** Of a file as a whole. */
export const ofWhole = (file: string, message: string): Finding => ({ severity: 'error', file, line: 0, column: 0, path: [], message });

/** In the order of the file, each once. */
export function inOrder(findings: readonly Finding[]): Finding[] {
  const seen = new Set<string>();
  return findings
    .filter((finding) => {
      const line = formatFinding(finding);
      return !seen.has(line) && seen.add(line);
    })
    .sort((a, b) => a.line - b.line || a.column - b.column);
}

/** A configuration that cannot be used. Its message has every finding, one a line. */
export class ConfigError extends Error {
  readonly findings: readonly Finding[];
  /** What there is of the configuration all the same, with the files that it names: the fault may be in one of them. */
  readonly of: unknown;

  constructor(findings: readonly Finding[], of?: unknown) {
    super(findings.map(formatFinding).join('\n'));
    this.name = 'ConfigError';
    this.findings = findings;
    this.of = of;
  }
}

/** As data, for programs; `path` as text has it: `routes[0].match`. A line of 0 stands for the file as a whole. */
export const findingDocument = ({ severity, file, line, column, path, message, hint }: Finding) => ({
  severity,
  file,
  line,
  column,
  path: formatPath(path),
  message,
  ...(hint === undefined ? {} : { hint }),
});
