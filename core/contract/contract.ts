/** What a service and its callers have agreed on: an OpenAPI document, read and compiled whole. */
import { Documents, type Located } from './document.ts';
import { isObject } from './json.ts';
import { type Operation, readOperation } from './operation.ts';
import { PathTemplates } from './paths.ts';
import { Validators } from './validators.ts';

const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'] as const;

export interface FoundOperation {
  readonly operation: Operation;
  readonly params: Readonly<Record<string, string>>;
}

export interface Contract {
  readonly documents: Documents;
  readonly root: Located;
  /** OpenAPI 3.0, whose schemas are a dialect of their own. */
  readonly old: boolean;
  readonly operations: readonly Operation[];
  readonly requests: Validators;
  readonly responses: Validators;
  /** @param path canonical, as the service is asked */
  find(method: string, path: string): FoundOperation | undefined;
}

/** The operations of a document as they stand, for who compiles nothing. */
export interface Outline {
  readonly documents: Documents;
  readonly root: Located;
  readonly old: boolean;
  readonly operations: readonly OutlinedOperation[];
}

export interface OutlinedOperation {
  readonly method: string;
  readonly template: string;
  /** Where the service has its paths: the paths of its servers, empty for one without; at least one. */
  readonly bases: readonly string[];
  readonly item: Located;
  readonly place: Located;
}

/**
 * Undefined when there is no reading it. The findings of the documents tell what is wrong.
 *
 * @param text of a document that is in no file
 */
export function outline(file: string, text?: string): { readonly documents: Documents; readonly outline: Outline | undefined } {
  const documents = new Documents(file, text);
  const root = documents.root();
  const version = root?.value['openapi'];
  if (!root) return { documents, outline: undefined };
  if (typeof version !== 'string' || !/^3\.[01]\.\d+/.test(version)) {
    if (documents.findings.length === 0)
      documents.report(
        root,
        `is no OpenAPI 3.0 or 3.1 document: openapi is ${version === undefined ? 'not there' : JSON.stringify(version)}`,
      );
    return { documents, outline: undefined };
  }
  const operations = documents.members(documents.at(root, 'paths')).flatMap(([template, place]) => {
    if (template.startsWith('x-')) return [];
    if (!template.startsWith('/')) {
      documents.report(place, 'is no path: it does not begin with /');
      return [];
    }
    const item = documents.resolved(place);
    if (!item) return [];
    return METHODS.flatMap((method) => {
      const operation = documents.at(item, method);
      if (!operation) return [];
      if (!isObject(operation.value)) documents.report(operation, 'is no operation');
      if (!isObject(operation.value)) return [];
      const bases = basesOf(operation.value) ?? basesOf(item.value) ?? basesOf(root.value) ?? [''];
      return [{ method, template, bases, item, place: operation }];
    });
  });
  if (!isObject(root.value['paths']) && version.startsWith('3.0')) documents.report(root, 'has no paths');
  return { documents, outline: { documents, root, old: version.startsWith('3.0'), operations } };
}

/** Reads and compiles; what is wrong stands in the findings of the documents, and then the contract is not to be used. */
export function compileContract(read: Outline): Contract {
  const { documents, old } = read;
  const requests = new Validators(documents, old, 'request');
  const responses = new Validators(documents, old, 'response');
  const paths = new PathTemplates<Operation>();
  const operations = read.operations.map(({ method, template, bases, item, place }) => {
    const operation = { ...readOperation(method, template, item, place, { documents, requests, responses }), bases };
    const added = bases.filter((base) => paths.add(operation.method, `${base}${template}`, operation));
    if (added.length === 0) documents.report(place, 'takes the same requests as another one');
    return operation;
  });
  requests.compile();
  responses.compile();

  const findAt = (method: string, path: string): FoundOperation | undefined => {
    const found = paths.find(method, path) ?? (method === 'HEAD' ? paths.find('GET', path) : undefined);
    return found && { operation: found.value, params: found.params };
  };
  return {
    ...read,
    operations,
    requests,
    responses,
    find(method, path) {
      const found = findAt(method, path);
      if (!found || !PATH_PARAMETER.test(path) || !Object.values(found.params).some((value) => PATH_PARAMETER.test(value))) return found;
      // Services of the Java world drop `;parameters`: what they would take for another operation is neither.
      const plain = findAt(method, path.replace(new RegExp(PATH_PARAMETER, 'gi'), ''));
      return plain && plain.operation !== found.operation ? undefined : found;
    },
  };
}

const PATH_PARAMETER = /(?:;|%3B)[^/]*/i;

/** Undefined where none are named. */
function basesOf(value: unknown): readonly string[] | undefined {
  const servers = isObject(value) ? value['servers'] : undefined;
  if (!Array.isArray(servers) || servers.length === 0) return undefined;
  return [...new Set(servers.map(baseOf))];
}

function baseOf(server: unknown): string {
  if (!isObject(server) || typeof server['url'] !== 'string') return '';
  const variables = isObject(server['variables']) ? server['variables'] : {};
  const url = server['url'].replace(/\{([^{}]*)\}/g, (_, name: string) => {
    const variable = variables[name];
    return isObject(variable) ? String(variable['default']) : '';
  });
  try {
    return new URL(url, 'http://service').pathname.replace(/\/+$/, '');
  } catch {
    return '';
  }
}
