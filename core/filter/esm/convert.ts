/**
 * Makes a function of a module: node keeps every module for good, but a function only as long as somebody has it. What it imports
 * becomes properties of what it is called with; lines stay where they are.
 */
import { getLineInfo, type Node, type Program, parse, type Token } from 'acorn';
import { Edits, type Shifts } from './edits.ts';
import type { Place } from './places.ts';
import { declaredNames, findReferences, namesOf, type Tree } from './references.ts';

export interface Request {
  readonly specifier: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** What an export is: a binding of the module, or of another (`name` undefined: all of it, as a namespace). */
export type Export = { readonly local: string } | { readonly from: number; readonly name: string | undefined };

export interface Converted {
  /** Of a function that gives one of a generator, which pauses before the first statement. One line is before the first of the text. */
  readonly code: string;
  /** import, import.meta, what takes the bindings, and a namespace for each request. */
  readonly parameters: string[];
  readonly shifts: Shifts;
  /** In their order; each once. */
  readonly requests: readonly Request[];
  /** Names that must be there. */
  readonly wanted: readonly { readonly from: number; readonly name: string; at(): Place }[];
  readonly exports: ReadonlyMap<string, Export>;
  /** Requests of `export *`. */
  readonly stars: readonly number[];
  /** Whether it awaits at its top. */
  readonly awaits: boolean;
  /** Whether its default export is a function declaration without a name. */
  readonly namesDefault: boolean;
  /** Whether it says anything that only a module may say. */
  readonly isModule: boolean;
}

/** The local name of a default export that has none. */
export const DEFAULT = '*default*';

/** @throws SyntaxError of acorn, with `loc` */
export function convert(source: string): Converted {
  const edits = new Edits(source);
  const program: Program = parse(source, {
    ecmaVersion: 'latest',
    sourceType: 'module',
    // A name that a text gives itself would be that of its places.
    ...(source.includes(HTML) && { onToken: ({ start, end }: Token) => end === start + 1 && refuseHtml(source, start) }),
    onComment: (isBlock, text, start) => !isBlock && /^[#@]\s*sourceURL=/.test(text) && edits.replace(start, start + 3, '// '),
  });
  const own = unusedIn(source);
  const requests: Request[] = [];
  const wanted: Converted['wanted'][number][] = [];
  const exports = new Map<string, Export>();
  const stars: number[] = [];
  /** How each imported name is said. */
  const imported = new Map<string, { readonly from: number; readonly name: string }>();
  const namespaces = new Map<string, number>();
  let awaits = false;
  let namesDefault = false;
  let saysModule = false;

  const numbers = new Map<string, number>();
  const request = (node: Tree): number => {
    const attributes = Object.fromEntries(
      ((node['attributes'] as Tree[] | undefined) ?? []).map(({ key, value }) => [nameOf(key), (value as { value: string }).value]),
    );
    const specifier = String((node['source'] as Tree)['value']);
    const key = JSON.stringify([specifier, attributes]);
    const number = numbers.get(key) ?? requests.push({ specifier, attributes }) - 1;
    numbers.set(key, number);
    return number;
  };
  const want = (from: number, name: string, { start }: Node) => {
    wanted.push({ from, name, at: () => getLineInfo(source, start) });
  };

  const body = program.body as unknown as readonly Tree[];
  for (const node of body) {
    if (node.type === 'ImportDeclaration') {
      const from = request(node);
      for (const one of node['specifiers'] as Tree[]) {
        const local = nameOf(one['local']);
        if (one.type === 'ImportNamespaceSpecifier') {
          namespaces.set(local, from);
          continue;
        }
        const name = one.type === 'ImportDefaultSpecifier' ? 'default' : nameOf(one['imported']);
        imported.set(local, { from, name });
        want(from, name, one);
      }
    } else if (node.type === 'ExportAllDeclaration' || (node.type === 'ExportNamedDeclaration' && node['source'])) request(node);
  }
  for (const node of body) {
    if (!/^(Import|Export).*Declaration$/.test(node.type)) continue;
    saysModule = true;
    const declaration = node['declaration'] as Tree | null | undefined;
    if (node.type === 'ExportNamedDeclaration' && declaration) {
      for (const local of declaredNames(declaration)) exports.set(local, { local });
      edits.blank(node.start, declaration.start);
    } else if (node.type === 'ExportDefaultDeclaration') exportDefault(node, declaration as Tree);
    else {
      if (node.type === 'ExportAllDeclaration') {
        if (node['exported']) exports.set(nameOf(node['exported']), { from: request(node), name: undefined });
        else stars.push(request(node));
      } else if (node.type === 'ExportNamedDeclaration') for (const one of node['specifiers'] as Tree[]) exportOne(node, one);
      edits.blank(node.start, node.end);
    }
  }

  function exportOne(node: Tree, one: Tree): void {
    const local = nameOf(one['local']);
    const exported = nameOf(one['exported']);
    if (node['source']) {
      exports.set(exported, { from: request(node), name: local });
      want(request(node), local, one);
    } else exports.set(exported, imported.get(local) ?? asNamespace(namespaces.get(local)) ?? { local });
  }

  function exportDefault(node: Tree, declaration: Tree): void {
    const isFunction = declaration.type === 'FunctionDeclaration';
    const [name] = isFunction || declaration.type === 'ClassDeclaration' ? namesOf(declaration['id']) : [];
    exports.set('default', { local: name ?? DEFAULT });
    if (name !== undefined) edits.blank(node.start, declaration.start);
    else if (isFunction) {
      edits.blank(node.start, declaration.start);
      edits.insert(declaration.start + withoutComments(source.slice(declaration.start, declaration.end)).indexOf('('), ` ${own}default`);
      namesDefault = true;
    } else {
      // As a property, a function or class without a name is called default.
      edits.replace(
        node.start,
        node.start + withoutComments(source.slice(node.start)).search(/default/) + 'default'.length,
        `;const ${own}default={default:`,
      );
      // What comes in the next line would else go on with it, behind a class or the body of an arrow.
      if (source[node.end - 1] === ';') edits.insert(node.end - 1, '}');
      else edits.insert(node.end, '};');
    }
  }

  const told = (name: string): string => {
    const { from, name: there } = imported.get(name) ?? { from: 0, name };
    return name === 'arguments' ? `${own}arguments` : `${own}${from}${property(there)}`;
  };
  /** Where statements begin: with a parenthesis one would be arguments for the one before. */
  const begins = new Set<number>();
  findReferences(program, new Set([...imported.keys(), 'arguments']), {
    onImported(node, { called, shorthand }) {
      const name = String(node['name']);
      // Without an object before it, for that would be `this`.
      const text = called ? `${begins.has(node.start) ? ';' : ''}(0,${told(name)})` : told(name);
      // Of what is no name, the engine says that the parenthesis of the call failed.
      const reach = called ? /^[^(`]*\(/.exec(withoutComments(source.slice(node.end, node.end + 200)))?.[0].length : 0;
      edits.replace(node.start, node.end, shorthand ? `${name === '__proto__' ? `['${name}']` : name}:${text}` : text, reach);
    },
    onImport(node) {
      const isMeta = node.type === 'MetaProperty';
      saysModule ||= isMeta;
      edits.replace(node.start, isMeta ? node.end : node.start + 'import'.length, `${own}${isMeta ? 'meta' : 'import'}`);
    },
    onStatement(node) {
      begins.add(node.start);
    },
    onAwait() {
      awaits = true;
    },
  });

  const locals = new Map([...exports.values()].flatMap((one) => ('local' in one ? [[one.local, one.local] as const] : [])));
  const getters = [...locals.keys()].map((local) => {
    const said = local === DEFAULT ? `${own}default${namesDefault ? '' : '.default'}` : local;
    return `[${JSON.stringify(local)}]:()=>${said}`;
  });
  const constants = [...namespaces].map(([local, from]) => `const ${local}=${own}${from};`).join('');
  const head = `'use strict';${constants}return ${awaits ? 'async ' : ''}function*(){${own}bind({${getters.join()}});yield;`;
  const { text, shifts } = edits.done();
  return {
    code: `${head}\n${text.replace(/^#!/, '//')}\n}`,
    parameters: [...['import', 'meta', 'bind'].map((name) => own + name), ...requests.map((_, at) => own + at)],
    shifts,
    requests,
    wanted,
    exports,
    stars,
    awaits,
    namesDefault,
    isModule: saysModule || awaits,
  };
}

/** What begins a comment in scripts, and so in functions; in modules it is an error, though acorn takes it for operators. */
const HTML = '<!--';

function refuseHtml(source: string, start: number): void {
  if (!source.startsWith(HTML, start)) return;
  throw Object.assign(new SyntaxError('HTML comments are not allowed in modules'), { loc: getLineInfo(source, start) });
}

/** What no name in the text begins with, with escapes neither. */
function unusedIn(source: string): string {
  const text = source.replace(/\\u(?:\{0*(\w{1,6})\}|(\w{4}))/g, (_, long?: string, short?: string) =>
    String.fromCharCode(Number.parseInt(long ?? short ?? '', 16)),
  );
  let own = '_$';
  while (source.includes(own) || text.includes(own)) own += '$';
  return own;
}

const asNamespace = (from: number | undefined): Export | undefined => (from === undefined ? undefined : { from, name: undefined });

/** Of an identifier, or of a text in its place. */
const nameOf = (node: unknown): string => {
  const { name, value } = node as { name?: string; value?: string };
  return name ?? String(value);
};

const property = (name: string): string => (/^[\w$]+$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`);

const withoutComments = (text: string): string => text.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, (comment) => ' '.repeat(comment.length));
