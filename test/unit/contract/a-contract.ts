/** A contract from a few lines of a document. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parameterFaults } from '../../../core/contract/checking.ts';
import { type Contract, compileContract, outline } from '../../../core/contract/contract.ts';
import type { Fault } from '../../../core/contract/fault.ts';

export interface Read {
  readonly contract: Contract | undefined;
  /** Each as its path and what is said. */
  readonly findings: readonly string[];
}

/** @param files further ones, by name */
export function read(document: object, files: Readonly<Record<string, string>> = {}): Read {
  const folder = mkdtempSync(join(tmpdir(), 'postern-contract-'));
  try {
    const file = join(folder, 'contract.json');
    writeFileSync(file, JSON.stringify({ openapi: '3.1.0', info: { title: 'T', version: '1' }, ...document }));
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    const { documents, outline: found } = outline(file);
    const contract = found && compileContract(found);
    // Places are looked up while the files are there.
    const findings = documents.findings.map(({ path, message }) => `${path.join('.')} ${message.replaceAll(folder, '.')}`);
    return { contract: findings.length === 0 ? contract : undefined, findings };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export function aContract(document: object, files?: Readonly<Record<string, string>>): Contract {
  const { contract, findings } = read(document, files);
  if (!contract) throw new Error(findings.join('\n'));
  return contract;
}

/** What is wrong with a value, by a schema; `#/name detail` each. */
export function judged(
  schema: unknown,
  value: unknown,
  { openapi = '3.1.0', direction = 'request', components = {} as object } = {},
): string[] {
  const content = { 'application/json': { schema } };
  const operation = { requestBody: { content }, responses: { 200: { description: '', content } } };
  const contract = aContract({ openapi, paths: { '/': { post: operation } }, components: { schemas: components } });
  const found = contract.find('POST', '/');
  const media = direction === 'request' ? found?.operation.body?.content : found?.operation.answers.get('200')?.content;
  const name = media?.get('application/json')?.schema;
  const validators = direction === 'request' ? contract.requests : contract.responses;
  if (name === undefined) throw new Error('no schema');
  const bytes = JSON.stringify(value)?.length ?? 0;
  if (validators.accepts(name, value, bytes)) return [];
  return validators.violations(name, value, bytes).map(({ path, detail }) => `/${path.join('/')} ${detail}`);
}

export interface Asked {
  path?: string;
  query?: string;
  headers?: Readonly<Record<string, string>>;
}

/** What is wrong with a request whose operation has these parameters. */
export function asked(
  parameters: readonly object[],
  template: string,
  { path = template, query = '', headers = {} }: Asked,
): readonly Fault[] {
  const contract = aContract({ paths: { [template]: { get: { parameters, responses: { 200: { description: '' } } } } } });
  const found = contract.find('GET', path);
  if (!found) throw new Error(`nothing at ${path}`);
  return parameterFaults(contract, found, { query, header: (name) => headers[name] });
}
