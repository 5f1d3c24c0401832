/** The API holds itself to its own document: a request that does not fit is refused before anybody reads it. */
import type { Context, Middleware } from 'koa';
import { bodyFaults, mediaOf, parameterFaults } from '../../contract/checking.ts';
import { compileContract, type Contract, type FoundOperation, outline } from '../../contract/contract.ts';
import { type Fault, told } from '../../contract/fault.ts';
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

/** The body is left in `ctx.state.body`, read. @param contract made when it is first asked for */
export function fitting(contract: () => Contract): Middleware {
  return async function fitting(ctx, next) {
    const found = contract().find(ctx.method, ctx.path);
    if (!found) return next();
    const faults = parameterFaults(contract(), found, { query: ctx.querystring, header: (name) => ctx.get(name) || undefined });
    if (faults.length > 0) throw violated(faults);
    const { body } = found.operation;
    if (body) ctx.state['body'] = await read(ctx, contract(), found, body.required);
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
