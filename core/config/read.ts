/** YAML text to plain values, each with its place in the file. Nothing here knows what the configuration means. */
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  type Scalar,
  type YAMLMap,
  type YAMLParseError,
  type YAMLSeq,
  type YAMLWarning,
} from 'yaml';
import { substitute } from './environment.ts';
import { error, type Finding, type Path, type Remark } from './finding.ts';
import { Positions, pointer } from './positions.ts';

/** Objects have no prototype, so that `__proto__` and `constructor` are keys like any other. */
export type Plain = null | string | number | boolean | Plain[] | { [key: string]: Plain };

export interface ReadResult {
  readonly value: Plain;
  readonly positions: Positions;
  readonly findings: readonly Finding[];
  /** Found with the values as they are, one each. */
  readonly remarks: readonly Remark[];
  /** Nothing more can be said: this is not YAML. */
  readonly fatal: boolean;
  /** Pointers of values that came from the environment whole: text that may stand for a number or a boolean. */
  readonly whole: ReadonlySet<string>;
  /** Pointers of values that any part came from the environment: never shown in a message, they may be secrets. */
  readonly hidden: ReadonlySet<string>;
  /** Pointers of values already in error. */
  readonly broken: ReadonlySet<string>;
}

/** Aliases may not blow a small file up ("billion laughs"). */
const mostAliased = 100_000;
/** Lines and items; each takes some kilobytes while it is parsed, and requests wait meanwhile. A route has about ten. */
const mostParts = 500_000;
const deepest = 64;

export function read(text: string, file: string, environment: NodeJS.ProcessEnv): ReadResult {
  const lines = new LineCounter();
  const positions = new Positions(file, lines);
  const whole = new Set<string>();
  const hidden = new Set<string>();
  const broken = new Set<string>();
  const findings: Finding[] = [];
  const remarks: Remark[] = [];
  let fatal = false;
  const result = (value: Plain): ReadResult => ({ value, positions, findings, remarks, fatal, whole, hidden, broken });

  const failAt = (offset: number, message: string, path: Path = []): void => {
    findings.push({ ...positions.locate(error(path, message)), ...positions.position(offset) });
    broken.add(pointer(path));
  };

  if (partsOf(text) > mostParts) {
    fatal = true;
    failAt(0, `has more than ${mostParts} lines and items`);
    return result(null);
  }
  let document: Document.Parsed;
  try {
    // `merge` and tags of its own stay off: the file is YAML 1.2 with the core schema, nothing more.
    // Keys that stand twice are found below, where their path is known.
    document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false, logLevel: 'error' });
  } catch {
    // The parser recurses once a level; a file that overflows it is an attack or an accident, not a configuration.
    fatal = true;
    failAt(0, 'is nested too deeply');
    return result(null);
  }
  for (const { code, message, pos } of withoutEchoes([...document.errors, ...document.warnings]))
    failAt(pos[0], yamlMessage(code, message, text, pos[0]));
  const { explicit, version } = document.directives.yaml;
  if (explicit === true && version !== '1.2') failAt(0, `is YAML ${version}; only YAML 1.2 is read`);
  fatal = findings.length > document.warnings.length;
  if (fatal) return result(null);

  let aliased = 0;
  const open = new Set<Node>();
  const anchors = new Map<string, Scalar | YAMLMap | YAMLSeq>();

  function value(node: Node | null | undefined, path: Path, offset: number, fromAlias: boolean): Plain {
    if (node === null || node === undefined) return null;
    const start = node.range?.[0] ?? offset;
    if (fromAlias) aliased += 1;
    if (aliased > mostAliased) return null;
    if (path.length > deepest) {
      failAt(start, 'is nested too deeply', path);
      return null;
    }
    if (isAlias(node)) {
      const target = anchors.get(node.source);
      if (target === undefined) failAt(start, `no anchor &${node.source} stands before this alias`, path);
      else if (open.has(target)) failAt(start, `the alias *${node.source} contains itself`, path);
      else return value(target, path, start, true);
      return null;
    }
    // The walk goes in the order of the file, so the last anchor of a name is the one an alias means (YAML 1.2, 7.1).
    if (node.anchor !== undefined && !fromAlias) anchors.set(node.anchor, node);
    if (isScalar(node)) return scalar(node.value, path, start);
    open.add(node);
    const content = isMap(node) ? object(node, path, fromAlias) : isSeq(node) ? list(node.items as Node[], path, fromAlias) : null;
    open.delete(node);
    return content;
  }

  function scalar(content: unknown, path: Path, start: number): Plain {
    if (content === null || typeof content === 'number' || typeof content === 'boolean') return content;
    if (typeof content !== 'string') {
      failAt(start, 'must be text, a number, true or false', path);
      return null;
    }
    const { text: replaced, changed, whole: isWhole, problems } = substitute(content, environment);
    for (const problem of problems) remarks.push(error(path, problem, { local: true }));
    if (problems.length > 0) broken.add(pointer(path));
    if (changed) hidden.add(pointer(path));
    if (isWhole) whole.add(pointer(path));
    return replaced;
  }

  function list(items: readonly Node[], path: Path, fromAlias: boolean): Plain[] {
    return items.map((item, index) => {
      const inside = [...path, index];
      const start = item?.range?.[0] ?? 0;
      positions.record(inside, start, start);
      return value(item, inside, start, fromAlias);
    });
  }

  function object(node: YAMLMap, path: Path, fromAlias: boolean): { [key: string]: Plain } {
    const content: { [key: string]: Plain } = Object.create(null);
    for (const pair of node.items as Pair<Node, Node | null>[]) {
      const start = pair.key?.range?.[0] ?? node.range?.[0] ?? 0;
      if (!isScalar(pair.key) || pair.key.value === null || typeof pair.key.value === 'object') {
        failAt(start, 'a key must be text', path);
        continue;
      }
      const key = String(pair.key.value);
      const inside = [...path, key];
      if (Object.hasOwn(content, key)) {
        failAt(start, 'stands here twice', inside);
        continue;
      }
      if (key === '<<') failAt(start, 'merge keys are not read; name the whole value with &anchor and repeat it with *anchor', inside);
      // An empty value has no place of its own worth showing.
      const empty = pair.value === null || (isScalar(pair.value) && pair.value.source === '');
      positions.record(inside, start, empty ? start : (pair.value?.range?.[0] ?? start));
      content[key] = value(pair.value, inside, start, fromAlias);
    }
    return content;
  }

  const root = document.contents;
  positions.record([], 0, root?.range?.[0] ?? 0);
  const content = value(root, [], 0, false);
  if (aliased > mostAliased) {
    fatal = true;
    failAt(0, 'repeats too much through its aliases');
  }
  return result(content);
}

function partsOf(text: string): number {
  let parts = 0;
  for (const sign of ['\n', ','])
    for (let at = text.indexOf(sign); at !== -1 && parts <= mostParts; at = text.indexOf(sign, at + 1)) parts += 1;
  return parts;
}

/** After a token that it did not expect the parser expects none of those that follow. */
function withoutEchoes(problems: readonly (YAMLParseError | YAMLWarning)[]): (YAMLParseError | YAMLWarning)[] {
  const first = problems.find(({ code }) => code === 'UNEXPECTED_TOKEN');
  return problems.filter((problem) => problem.code !== 'UNEXPECTED_TOKEN' || problem === first).slice(0, 10);
}

function yamlMessage(code: string, message: string, text: string, offset: number): string {
  if (code === 'MULTIPLE_DOCS') return 'a second document begins here; a configuration is one document';
  if (code === 'TAG_RESOLVE_FAILED') return `${message.replace('Unresolved tag: ', 'the tag ')} is not read`;
  if (/call stack/.test(message)) return 'is nested too deeply';
  const line =
    text
      .slice(text.lastIndexOf('\n', offset - 1) + 1)
      .split('\n', 1)[0]
      ?.slice(0, 500) ?? '';
  const hint = /[[{].*[^\s[{,"']\{/.test(line) ? ' (between [ ] and { }, quote text that has braces)' : '';
  return `is not YAML: ${message}${hint}`;
}
