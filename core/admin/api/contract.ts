/** The API holds itself to its own document: a request that does not fit is refused before anybody reads it. */
import type { Context, Middleware } from 'koa';
import { parameterFaults } from '../../contract/checking.ts';
import { type Contract, compileContract, outline } from '../../contract/contract.ts';
import { type Fault, told } from '../../contract/fault.ts';
import { matching } from '../../contract/media-type.ts';
import { PathTemplates } from '../../contract/paths.ts';
import { aside } from '../../revisions/aside.ts';
import { AdminProblem } from '../problem.ts';
import { bytesOf } from './request.ts';

/** @throws Error for a document that is no contract, which is a fault of ours */
export function contractOf(document: string): Contract {
  const { documents, outline: read } = outline('/admin.openapi.json', document);
  const contract = read && compileContract(read);
  const [finding] = documents.findings;
  if (!contract || finding) throw new Error(`The document of the admin API is no contract: ${finding?.path.join('/')} ${finding?.message}`);
  return contract;
}

/** The document of one operation alone, of which only requests are judged. */
export const partOf = (template: string, method: string, operation: object, schemas: object) => ({
  openapi: '3.1.0',
  paths: { [template]: { [method]: { ...operation, responses: {} } } },
  components: { schemas },
});

interface Operation {
  readonly requestBody?: { readonly content: Readonly<Record<string, object>> };
}

type Operations = Readonly<Record<string, Readonly<Record<string, Operation>>>>;

interface Entry {
  readonly template: string;
  readonly method: string;
  readonly types: ReadonlyMap<string, object> | undefined;
  contract(): Contract;
}

/**
 * The body is left in `ctx.state.body`, read. Parameters are judged here; the schemas of bodies are as large as the configuration's, and
 * to compile them would hold up the traffic: that is done aside.
 */
export function fitting(paths: Operations): Middleware {
  const templates = new PathTemplates<Entry>();
  for (const [template, operations] of Object.entries(paths))
    for (const [method, { requestBody, ...operation }] of Object.entries(operations)) {
      let contract: Contract | undefined;
      const types = requestBody && new Map(Object.entries(requestBody.content));
      templates.add(method.toUpperCase(), template, {
        ...{ template, method, types },
        contract() {
          contract ??= contractOf(JSON.stringify(partOf(template, method, operation, {})));
          return contract;
        },
      });
    }
  return async function fitting(ctx, next) {
    const entry = templates.find(ctx.method, ctx.path)?.value;
    if (!entry) return next();
    const contract = entry.contract();
    const found = contract.find(ctx.method, ctx.path);
    if (!found) throw new AdminProblem('not-found');
    const faults = parameterFaults(contract, found, { query: ctx.querystring, header: (name) => ctx.get(name) || undefined });
    if (faults.length > 0) throw violated(faults);
    if (entry.types) ctx.state['body'] = await read(ctx, entry, entry.types);
    return next();
  };
}

async function read(ctx: Context, { template, method }: Entry, types: ReadonlyMap<string, object>): Promise<unknown> {
  const type = ctx.get('content-type');
  if (ctx.get('content-encoding') !== '') throw new AdminProblem('unsupported-media-type', { detail: 'The body must not be encoded' });
  if (type === '' || !matching(type, types))
    throw new AdminProblem('unsupported-media-type', { detail: `The body must be ${[...types.keys()].join(' or ')}` });
  const bytes = await bytesOf(ctx.req);
  const faults = await aside<readonly Fault[]>({
    ...{ module: BODIES, name: 'bodyFaultsOf' },
    given: [template, method, { path: ctx.path, type, bytes }],
  });
  if (faults.length > 0) throw violated(faults);
  return JSON.parse(bytes.toString());
}

const BODIES = import.meta.resolve('./body-faults.ts');

const violated = (faults: readonly Fault[]) => new AdminProblem('contract-violated', { members: { errors: told(faults) } });
