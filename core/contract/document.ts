/** The files of one contract: an OpenAPI document, and what it refers to below its folder. Nothing is ever fetched. */
import { readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, isAbsolute, relative, resolve } from 'node:path';
import { type Document, isMap, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import type { Finding } from '../config/finding.ts';
import { readingProblem } from '../config/reading-problem.ts';
import { isObject, type JsonObject } from './json.ts';
import { jsonOffset, lineAndColumn } from './json-position.ts';

/** A value of a document, and where it stands. */
export interface Located<T = unknown> {
  readonly value: T;
  readonly file: string;
  readonly path: readonly string[];
}

/** Bytes of one file, and files of one contract. */
const LARGEST = 64 * 1024 * 1024;
const MOST_FILES = 500;
/** Told of one contract; who has made one mistake a thousand times sees it in the first. */
const MOST_FINDINGS = 200;
/** References that lead to references. */
const LONGEST_CHAIN = 50;

interface Source {
  readonly root: unknown;
  readonly text: string;
  /** Whether the text is JSON, and not only YAML. */
  readonly json: boolean;
  /** With the place of each value; made when one is asked for. */
  tree: { readonly document: Document.Parsed; readonly lines: LineCounter } | undefined;
}

export class DocumentError extends Error {}

export class Documents {
  readonly main: string;
  readonly findings: Finding[] = [];
  readonly #folder: string;
  readonly #sources = new Map<string, Source>();
  readonly #said = new Set<string>();

  /** @param file its absolute name @param text of a document that is in no file */
  constructor(file: string, text?: string) {
    this.main = file;
    this.#folder = dirname(file);
    if (text !== undefined)
      this.#sources.set(
        file,
        parse(file, text, (line, column, message) => this.#report(file, { line, column }, [], message)),
      );
  }

  /** The document's root; undefined when it cannot be read, which the findings tell. */
  root(): Located<JsonObject> | undefined {
    try {
      const value = this.#source(this.main).root;
      if (isObject(value)) return { value, file: this.main, path: [] };
      this.#report(this.main, { line: 1, column: 1 }, [], 'is no OpenAPI document: it is not an object');
    } catch (problem) {
      if (!(problem instanceof DocumentError)) throw problem;
      this.#report(this.main, { line: 0, column: 0 }, [], problem.message);
    }
    return undefined;
  }

  /** Says what is wrong at a place. */
  report({ file, path }: Omit<Located, 'value'>, message: string): void {
    if (this.findings.length <= MOST_FINDINGS) this.#report(file, this.position(file, path), path, message);
  }

  /** What was read, by file. */
  get texts(): ReadonlyMap<string, string> {
    return new Map(Array.from(this.#sources, ([file, { text }]) => [file, text]));
  }

  /** Whether every file still says what was read. */
  get current(): boolean {
    try {
      return [...this.#sources].every(([file, { text }]) => this.#read(file) === text);
    } catch {
      return false;
    }
  }

  /** Forgets where everything stands; it is found out again when it is asked for. */
  forgetPositions(): void {
    for (const source of this.#sources.values()) source.tree = undefined;
  }

  #report(file: string, position: { line: number; column: number }, path: readonly string[], message: string): void {
    const key = `${file}#${path.join('/')} ${message}`;
    if (this.#said.has(key) || this.findings.length > MOST_FINDINGS) return;
    this.#said.add(key);
    if (this.findings.length === MOST_FINDINGS) {
      this.findings.push({ severity: 'error', file: this.main, line: 1, column: 1, path: [], message: 'has more findings than are told' });
      return;
    }
    this.findings.push({ severity: 'error', file, ...position, path: [...path], message });
  }

  /** A member of an object or list, wherever references lead to it; undefined when there is none. */
  at(from: Located, ...names: readonly (string | number)[]): Located | undefined {
    let here: Located | undefined = from;
    for (const name of names) {
      here = here && this.resolved(here);
      const inner: unknown = here && memberOf(here.value, String(name));
      if (!here || inner === undefined) return undefined;
      here = { value: inner, file: here.file, path: [...here.path, String(name)] };
    }
    return here && this.resolved(here);
  }

  /** The members of an object, or the items of a list, each as it stands: a reference is not followed. */
  members(from: Located | undefined): readonly (readonly [string, Located])[] {
    if (!from || typeof from.value !== 'object' || from.value === null) return [];
    return Object.entries(from.value).map(([name, value]) => [name, { value, file: from.file, path: [...from.path, name] }]);
  }

  /** Where a reference leads in the end, or the place itself; undefined, and a finding, when it leads nowhere. */
  resolved(from: Located): Located | undefined {
    let here = from;
    for (let step = 0; ; step += 1) {
      const reference = isObject(here.value) ? here.value['$ref'] : undefined;
      if (typeof reference !== 'string') return here;
      if (step === LONGEST_CHAIN) {
        this.report(from, `the reference ${reference} leads in a circle`);
        return undefined;
      }
      const target = this.target(reference, here);
      if (!target) return undefined;
      here = target;
    }
  }

  /** Where one reference leads. */
  target(reference: string, from: Omit<Located, 'value'>): Located | undefined {
    try {
      return this.#follow(reference, from.file);
    } catch (problem) {
      if (!(problem instanceof DocumentError)) throw problem;
      this.report(from, `the reference ${reference} ${problem.message}`);
      return undefined;
    }
  }

  #follow(reference: string, from: string): Located {
    const [name = '', fragment = ''] = reference.split('#', 2);
    if (/^[a-z][a-z0-9+.-]*:|^\/\//i.test(name)) throw new DocumentError('leads out of the folder of the document; nothing is fetched');
    const file = name === '' ? from : resolve(dirname(from), decoded(name));
    if (fragment !== '' && !fragment.startsWith('/')) throw new DocumentError('is no JSON pointer: other anchors are not read');
    const path = fragment
      .split('/')
      .slice(1)
      .map((segment) => decoded(segment).replaceAll('~1', '/').replaceAll('~0', '~'));
    let value = this.#source(file).root;
    for (const segment of path) {
      value = memberOf(value, segment);
      if (value === undefined) throw new DocumentError('leads nowhere');
    }
    return { value, file, path };
  }

  #source(file: string): Source {
    const known = this.#sources.get(file);
    if (known) return known;
    if (this.#sources.size === MOST_FILES) throw new DocumentError(`is one of more than ${MOST_FILES} files`);
    const source = parse(file, this.#read(file), (line, column, message) => {
      this.#report(file, { line, column }, [], message);
    });
    this.#sources.set(file, source);
    return source;
  }

  #read(file: string): string {
    try {
      const way = relative(realpathSync(this.#folder), realpathSync(file));
      if (file !== this.main && (way.startsWith('..') || isAbsolute(way)))
        throw new DocumentError('leads out of the folder of the document');
      if (statSync(file).size > LARGEST) throw new DocumentError('leads to a file that is too large');
      return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file));
    } catch (problem) {
      if (problem instanceof DocumentError) throw problem;
      throw new DocumentError(`cannot be read: ${readingProblem(problem)}`);
    }
  }

  /** Where a value stands; that of its nearest container when it has no place. */
  position(file: string, path: readonly string[]): { line: number; column: number } {
    const source = this.#sources.get(file);
    if (!source) return { line: 0, column: 0 };
    if (source.json) return lineAndColumn(source.text, jsonOffset(source.text, path));
    source.tree ??= treeOf(source.text);
    const { document, lines } = source.tree;
    let node: unknown = document.contents;
    let offset = (node as Node | null)?.range?.[0] ?? 0;
    for (const segment of path) {
      if (isMap(node)) {
        const pair = node.items.find(({ key }) => String((key as { value?: unknown } | null)?.value) === segment);
        offset = (pair?.key as Node | undefined)?.range?.[0] ?? offset;
        node = pair?.value;
      } else if (isSeq(node)) {
        node = node.items[Number(segment)];
        offset = (node as Node | undefined)?.range?.[0] ?? offset;
      } else break;
    }
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  }
}

function parse(file: string, text: string, wrong: (line: number, column: number, message: string) => void): Source {
  if (file.endsWith('.json')) {
    try {
      return { root: JSON.parse(text), text, json: true, tree: undefined };
    } catch {
      // Not what it says it is: YAML's reader can tell where.
    }
  }
  const tree = treeOf(text);
  const { document, lines } = tree;
  for (const { pos, message } of document.errors.slice(0, 10)) {
    const { line, col } = lines.linePos(pos[0]);
    wrong(line, col, `is not ${file.endsWith('.json') ? 'JSON' : 'YAML'}: ${message}`);
  }
  if (document.errors.length > 0) return { root: {}, text, json: false, tree };
  try {
    return { root: document.toJS({ maxAliasCount: 10_000 }), text, json: false, tree };
  } catch (problem) {
    throw new DocumentError(`cannot be read: ${problem instanceof Error ? problem.message : String(problem)}`);
  }
}

function treeOf(text: string): { document: Document.Parsed; lines: LineCounter } {
  const lines = new LineCounter();
  try {
    return { document: parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' }), lines };
  } catch {
    throw new DocumentError('cannot be read: it is nested too deeply');
  }
}

const memberOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, name) ? (value as JsonObject)[name] : undefined;

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
