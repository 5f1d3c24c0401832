/** Finds what a module says that means something else in a function: the names it imports, `import()`, `import.meta`, `await` on top. */
import type { Node, Program } from 'acorn';

/** A node of any kind, for those who look at all of them (ESTree). */
export interface Tree extends Node {
  readonly [field: string]: unknown;
}

export interface References {
  /** What stands for an imported name. */
  onImported(node: Tree, how: { readonly called: boolean; readonly shorthand: boolean }): void;
  /** `import()`, `import.meta`. */
  onImport(node: Tree): void;
  /** A place where a statement may begin that must not be taken for the rest of the one before. */
  onStatement(node: Tree): void;
  onAwait(): void;
}

interface Inside {
  /** Imported names that mean something else here. */
  readonly hidden: ReadonlySet<string>;
  readonly inFunction: boolean;
  /** In one that has `arguments` of its own. */
  readonly inOrdinary: boolean;
}

/** @param imported local names; `arguments` may be among them, for on the top of a module there are none */
export function findReferences(program: Program, imported: ReadonlySet<string>, found: References): void {
  const hide = (inside: Inside, names: Iterable<string>): Inside => {
    const more = [...names].filter((name) => imported.has(name) && !inside.hidden.has(name));
    return more.length === 0 ? inside : { ...inside, hidden: new Set([...inside.hidden, ...more]) };
  };
  const identifier = (node: Tree, inside: Inside, how: { called?: boolean; shorthand?: boolean } = {}) => {
    const name = String(node['name']);
    if (!imported.has(name) || inside.hidden.has(name) || (name === 'arguments' && inside.inOrdinary)) return;
    found.onImported(node, { called: how.called ?? false, shorthand: how.shorthand ?? false });
  };
  const all = (nodes: unknown, inside: Inside) => {
    for (const node of Array.isArray(nodes) ? nodes : [nodes]) if (isTree(node)) visit(node, inside);
  };
  const rest = (node: Tree, inside: Inside, except: readonly string[] = []) => {
    for (const [field, value] of Object.entries(node)) if (!except.includes(field)) all(value, inside);
  };
  const statements = (list: unknown, inside: Inside) => {
    for (const statement of list as Tree[]) {
      if (statement.type === 'ExpressionStatement') found.onStatement(statement);
      visit(statement, inside);
    }
  };
  const key = (node: Tree, inside: Inside) => {
    if (node['computed']) all(node['key'], inside);
  };
  const callee = (node: Tree, field: string, inside: Inside) => {
    const called = node[field] as Tree;
    if (called.type === 'Identifier') identifier(called, inside, { called: true });
    else visit(called, inside);
    rest(node, inside, [field]);
  };

  const ofBody = (list: unknown, inside: Inside) => hide(inside, [...lexicalNames(list), ...hoistedNames(list)]);
  // What a field begins with is run as a method.
  const asMethod = (inside: Inside): Inside => ({ ...inside, inFunction: true, inOrdinary: true });

  const inFunction = (node: Tree, outside: Inside) => {
    const arrow = node.type === 'ArrowFunctionExpression';
    const own = node.type === 'FunctionExpression' ? namesOf(node['id']) : [];
    const inside = hide({ ...outside, inFunction: true, inOrdinary: outside.inOrdinary || !arrow }, [...own, ...namesOf(node['params'])]);
    all(node['params'], inside);
    const body = node['body'] as Tree;
    if (body.type === 'BlockStatement') statements(body['body'], ofBody(body['body'], inside));
    else visit(body, inside);
  };

  const kinds: Readonly<Record<string, (node: Tree, inside: Inside) => void>> = {
    Identifier: identifier,
    FunctionDeclaration: inFunction,
    FunctionExpression: inFunction,
    ArrowFunctionExpression: inFunction,
    ClassDeclaration: (node, inside) => rest(node, hide(inside, namesOf(node['id'])), ['id']),
    ClassExpression: (node, inside) => rest(node, hide(inside, namesOf(node['id'])), ['id']),
    MethodDefinition(node, inside) {
      key(node, inside);
      all(node['value'], inside);
    },
    PropertyDefinition(node, inside) {
      key(node, inside);
      all(node['value'], asMethod(inside));
    },
    StaticBlock: (node, inside) => statements(node['body'], asMethod(ofBody(node['body'], inside))),
    Program: (node, inside) => statements(node['body'], inside),
    BlockStatement: (node, inside) => statements(node['body'], hide(inside, lexicalNames(node['body']))),
    SwitchStatement(node, inside) {
      all(node['discriminant'], inside);
      const cases = node['cases'] as Tree[];
      const among = hide(inside, lexicalNames(cases.flatMap((one) => one['consequent'] as Tree[])));
      for (const one of cases) {
        all(one['test'], among);
        statements(one['consequent'], among);
      }
    },
    ForStatement: (node, inside) => rest(node, hide(inside, lexicalNames([node['init']]))),
    ForInStatement: (node, inside) => rest(node, hide(inside, lexicalNames([node['left']]))),
    ForOfStatement(node, inside) {
      if (node['await'] && !inside.inFunction) found.onAwait();
      rest(node, hide(inside, lexicalNames([node['left']])));
    },
    CatchClause: (node, inside) => rest(node, hide(inside, namesOf(node['param']))),
    VariableDeclaration(node, inside) {
      if (node['kind'] === 'await using' && !inside.inFunction) found.onAwait();
      rest(node, inside);
    },
    AwaitExpression(node, inside) {
      if (!inside.inFunction) found.onAwait();
      rest(node, inside);
    },
    Property(node, inside) {
      key(node, inside);
      const value = node['value'] as Tree;
      if (!node['shorthand']) visit(value, inside);
      // { a }, and { a = 1 } where it is assigned to.
      else if (value.type === 'Identifier') identifier(value, inside, { shorthand: true });
      else {
        identifier(value['left'] as Tree, inside, { shorthand: true });
        all(value['right'], inside);
      }
    },
    MemberExpression(node, inside) {
      all(node['object'], inside);
      if (node['computed']) all(node['property'], inside);
    },
    CallExpression: (node, inside) => callee(node, 'callee', inside),
    TaggedTemplateExpression: (node, inside) => callee(node, 'tag', inside),
    LabeledStatement: (node, inside) => all(node['body'], inside),
    ImportExpression(node, inside) {
      found.onImport(node);
      rest(node, inside);
    },
    MetaProperty(node) {
      if ((node['meta'] as Tree)['name'] === 'import') found.onImport(node);
    },
    ExportNamedDeclaration: (node, inside) => all(node['declaration'], inside),
    ExportDefaultDeclaration: (node, inside) => all(node['declaration'], inside),
    BreakStatement() {},
    ContinueStatement() {},
    ImportDeclaration() {},
    ExportAllDeclaration() {},
  };
  const visit = (node: Tree, inside: Inside): void => (kinds[node.type] ?? rest)(node, inside);
  visit(program as unknown as Tree, { hidden: new Set(), inFunction: false, inOrdinary: false });
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string';
}

/** The names that a pattern declares, or several. */
export function namesOf(pattern: unknown): string[] {
  if (Array.isArray(pattern)) return pattern.flatMap(namesOf);
  if (!isTree(pattern)) return [];
  if (pattern.type === 'Identifier') return [String(pattern['name'])];
  return [pattern['properties'], pattern['elements'], pattern['argument'], pattern['left'], pattern.type === 'Property' && pattern['value']]
    .filter(Boolean)
    .flatMap(namesOf);
}

/** What a declaration declares, a function, a class or variables. */
export const declaredNames = (node: Tree): string[] =>
  node.type === 'VariableDeclaration' ? (node['declarations'] as Tree[]).flatMap((one) => namesOf(one['id'])) : namesOf(node['id']);

/** Of let, const, using, class and function in a list of statements; var is the function's. */
function lexicalNames(list: unknown): string[] {
  const own = ['VariableDeclaration', 'ClassDeclaration', 'FunctionDeclaration'];
  return (list as unknown[])
    .filter(isTree)
    .flatMap((node) => (own.includes(node.type) && node['kind'] !== 'var' ? declaredNames(node) : []));
}

/** Of var, however deep, but not in other functions; none is in an expression. */
function hoistedNames(node: unknown): string[] {
  if (Array.isArray(node)) return node.flatMap(hoistedNames);
  if (!isTree(node) || /Function|Class|Expression$/.test(node.type)) return [];
  if (node.type === 'VariableDeclaration') return node['kind'] === 'var' ? declaredNames(node) : [];
  return Object.values(node).flatMap(hoistedNames);
}
