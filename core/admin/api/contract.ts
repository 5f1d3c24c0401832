/** The API holds itself to its own document: a request that does not fit is refused before anybody reads it. */
import type { Context, Middleware } from 'koa';
import { bodyFaults, mediaOf, parameterFaults } from '../../contract/checking.ts';
import { type Contract, compileContract, type FoundOperation, outline } from '../../contract/contract.ts';
import { type Fault, told } from '../../contract/fault.ts';
import { PathTemplates } from '../../contract/paths.ts';
import { TooComplex } from '../../contract/validators.ts';
import { AdminProblem } from '../problem.ts';
import { bytesOf, LARGEST } from './request.ts';

/** @throws Error for a document that is no contract, which is a fault of ours */
export function contractOf(document: string): Contract {
  const { documents, outline: read } = outline('/admin.openapi.json', document);
  const contract = read && compileContract(read);
  const [finding] = documents.findings;
  if (!contract || finding) throw new Error(`The document of the admin API is no contract: ${finding?.path.join('/')} ${finding?.message}`);
  return contract;
}

type Operations = Readonly<Record<string, Readonly<Record<string, object>>>>;

/**
 * The body is left in `ctx.state.body`, read. Each operation is compiled when it is first asked for, and by itself: all at once
 * would hold up the traffic for half a second.
 */
export function fitting(paths: Operations, components: () => object): Middleware {
  const templates = new PathTemplates<() => Contract>();
  for (const [template, operations] of Object.entries(paths))
    for (const [method, operation] of Object.entries(operations)) {
      let contract: Contract | undefined;
      const part = () => ({
        openapi: '3.1.0',
        // Requests alone are judged.
        paths: { [template]: { [method]: { ...operation, responses: {} } } },
        components: components(),
      });
      templates.add(method.toUpperCase(), template, () => {
        contract ??= contractOf(JSON.stringify(part()));
        return contract;
      });
    }
  return async function fitting(ctx, next) {
    const contract = templates.find(ctx.method, ctx.path)?.value();
    if (!contract) return next();
    const found = contract.find(ctx.method, ctx.path);
    if (!found) throw new AdminProblem('not-found');
    const faults = parameterFaults(contract, found, { query: ctx.querystring, header: (name) => ctx.get(name) || undefined });
    if (faults.length > 0) throw violated(faults);
    const { body } = found.operation;
    if (body) ctx.state['body'] = await read(ctx, contract, found, body.required);
    return next();
  };
}

async function read(ctx: Context, contract: Contract, { operation }: FoundOperation, required: boolean): Promise<unknown> {
  const type = ctx.get('content-type');
  const content = operation.body?.content ?? new Map();
  const media = mediaOf(content, type || undefined);
  if (ctx.get('content-encoding') !== '') throw new AdminProblem('unsupported-media-type', { detail: 'The body must not be encoded' });
  if (!media) {
    const bytes = type === '' && !required ? await bytesOf(ctx.req) : undefined;
    if (bytes?.length === 0) return undefined;
    throw new AdminProblem('unsupported-media-type', { detail: `The body must be ${[...content.keys()].join(' or ')}` });
  }
  const bytes = await bytesOf(ctx.req);
  try {
    const faults = await bodyFaults(contract.requests, media, bytes, { type, encoding: undefined, limit: LARGEST });
    if (faults && faults.length > 0) throw violated(faults);
  } catch (error) {
    throw error instanceof TooComplex ? violated([{ in: 'body', pointer: '#', detail: 'is too complex to be judged' }]) : error;
  }
  return JSON.parse(bytes.toString());
}

const violated = (faults: readonly Fault[]) => new AdminProblem('contract-violated', { members: { errors: told(faults) } });
