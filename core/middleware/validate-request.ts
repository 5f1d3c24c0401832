/**
 * Holds a request, as the service will be asked, against the contract of the service: one that does not fit is refused, with
 * everything that is wrong with it, or counted. Nothing is taken from a body but a look.
 */
import type { ValidateConfig } from '../config/schema/index.ts';
import type { Answerer, Context } from '../context.ts';
import { canDecode, kindOfBody } from '../contract/body.ts';
import { bodyFaults, mediaOf, parameterFaults } from '../contract/checking.ts';
import type { Contract, FoundOperation } from '../contract/contract.ts';
import type { Contracts } from '../contract/contracts.ts';
import { type Fault, told } from '../contract/fault.ts';
import { TooComplex } from '../contract/validators.ts';
import { Problem, type ProblemCode } from '../problem.ts';
import { listOf } from '../upstream/fields.ts';
import type { Outgoing } from '../upstream/outgoing.ts';
import type { RequestBody } from '../upstream/request-body.ts';
import type { ContractReports, Unchecked } from './contract-reports.ts';
import type { CallOptions } from './new-exchange.ts';
import { outgoingOf } from './outgoing.ts';

/** What is wrong, and what it is called where it is refused. */
interface Verdict {
  readonly code: ProblemCode;
  readonly faults: readonly Fault[];
  readonly headers?: Readonly<Record<string, string>>;
}

export function validateRequest(call: CallOptions, contracts: Contracts, reports: ContractReports): Answerer {
  return function validateRequest(ctx, next) {
    const { validate, operation } = ctx.state.route?.config ?? {};
    const looks = validate !== undefined && validate.request !== 'off' && isDrawn(validate, call);
    if (!looks && operation === undefined) return next(ctx);
    return checked(ctx, looks ? validate : undefined, operation, { call, contracts, reports }).then(() => next(ctx));
  };
}

/** Every request that is to be refused is looked at; of others, some. */
const isDrawn = ({ request, sampling }: ValidateConfig, { random }: CallOptions): boolean =>
  request === 'enforce' || sampling === 1 || random() < sampling;

interface Parts {
  readonly call: CallOptions;
  readonly contracts: Contracts;
  readonly reports: ContractReports;
}

async function checked(
  ctx: Context,
  config: ValidateConfig | undefined,
  meant: string | undefined,
  { call, contracts, reports }: Parts,
): Promise<void> {
  const outgoing = outgoingOf(ctx, call);
  const service = outgoing.service?.name ?? '';
  const refuse = (problem: Problem): never => {
    outgoing.body?.release();
    throw problem;
  };
  const { contract, found } = operationOf(contracts, service, outgoing, meant, () => outgoing.body?.release());
  if (!config) return;
  // Of several services, not all need have one.
  if (!contract) return reports.unchecked('request', 'no-contract');
  const unchecked = (reason: Unchecked) => reports.unchecked('request', reason);
  const judge = async (): Promise<void> => {
    const verdict = found ? await verdictOn(contract, found, outgoing, config, unchecked) : noOperation;
    if (!verdict) return;
    const { code, faults, headers = {} } = verdict;
    const route = ctx.state.route?.name ?? '';
    reports.violated({ route, service, operation: found?.operation.name, direction: 'request', mode: config.request }, faults);
    if (config.request === 'enforce') refuse(new Problem(code, { headers, members: { errors: told(faults) } }));
  };
  if (config.request === 'enforce') return judge();
  // Nobody waits for a report: the body is seen as it passes.
  judge().catch(() => unchecked('incomplete'));
}

/** What a contract takes a request for. @throws Problem `no-route` when that is not what the route exposes, whatever its path looks like */
export function operationOf(
  contracts: Contracts,
  service: string,
  { method, path }: Pick<Outgoing, 'method' | 'path'>,
  meant: string | undefined,
  onRefusal: () => void = () => {},
): { readonly contract: Contract | undefined; readonly found: FoundOperation | undefined } {
  const contract = contracts.get(service);
  const found = contract?.find(method, path);
  if (meant !== undefined && found?.operation.name !== meant) {
    onRefusal();
    throw new Problem('no-route');
  }
  return { contract, found };
}

export const noOperation: Verdict = {
  code: 'no-operation',
  faults: [{ in: 'operation', pointer: '', detail: 'no operation of the service has this method and path' }],
};

async function verdictOn(
  contract: Contract,
  found: FoundOperation,
  outgoing: Outgoing,
  config: ValidateConfig,
  unchecked: (reason: Unchecked) => void,
): Promise<Verdict | undefined> {
  const header = (name: string) => listOf(outgoing.headers, name);
  try {
    const faults = parameterFaults(contract, found, { query: outgoing.query, header });
    const body = await bodyVerdict(contract, found, outgoing, { header, config, unchecked });
    if (body && body.code !== 'contract-violated') return { ...body, faults: [...body.faults, ...faults] };
    const all = [...faults, ...(body?.faults ?? [])];
    return all.length === 0 ? undefined : { code: 'contract-violated', faults: all };
  } catch (problem) {
    if (!(problem instanceof TooComplex)) throw problem;
    unchecked('complexity');
    return { code: 'contract-violated', faults: [{ in: 'body', pointer: '#', detail: 'is too complex to be judged' }] };
  }
}

interface Looking {
  header(lowerName: string): string | undefined;
  readonly config: ValidateConfig;
  unchecked(reason: Unchecked): void;
}

/** The whole body once the service has read it; undefined when it is larger, or the service did not read it. */
function seen(body: RequestBody, limit: number): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    body.whenWhole((whole) => resolve(whole && whole.length <= limit ? whole : undefined), limit);
  });
}

const bodyFault = (code: ProblemCode, detail: string): Verdict => ({ code, faults: [{ in: 'body', pointer: '#', detail }] });

async function bodyVerdict(
  { requests }: Contract,
  { operation }: FoundOperation,
  { body }: Outgoing,
  { header, config, unchecked }: Looking,
): Promise<Verdict | undefined> {
  const expected = operation.body;
  const missing = () => (expected?.required ? bodyFault('contract-violated', 'is required') : undefined);
  if (!body) return missing();
  const limit = config.maxBody;
  const look = (upTo: number) => (config.request === 'enforce' ? body.view(upTo) : seen(body, upTo));
  const announced = body.announced ?? 0;
  // What the head says already, nobody waits for; without a length, a body may still be empty.
  const isEmpty = async () => announced === 0 && (await look(0)) !== undefined;
  if (!expected) return (await isEmpty()) ? undefined : bodyFault('contract-violated', 'is not allowed');
  if (expected.content.size === 0) return expected.required && (await isEmpty()) ? missing() : undefined;
  const type = header('content-type');
  const media = mediaOf(expected.content, type);
  if (type === undefined || !media) {
    if (await isEmpty()) return missing();
    const faults: Fault[] = [
      { in: 'content-type', pointer: 'content-type', detail: `must be ${[...expected.content.keys()].join(' or ')}` },
    ];
    return { code: 'unsupported-media-type', faults, headers: { Accept: [...expected.content.keys()].join(', ') } };
  }
  if (kindOfBody(type, media) === 'opaque') {
    if (media.schema !== undefined) unchecked('media-type');
    return expected.required && (await isEmpty()) ? missing() : undefined;
  }
  const encoding = header('content-encoding');
  if (encoding !== undefined && !canDecode(encoding)) {
    unchecked('encoding');
    const faults: Fault[] = [{ in: 'header', pointer: 'content-encoding', detail: 'must be identity, gzip, deflate, br or zstd' }];
    return { code: 'unsupported-media-type', faults, headers: { 'Accept-Encoding': 'identity, gzip, deflate, br, zstd' } };
  }
  const whole = announced > limit ? undefined : await look(limit);
  if (whole?.length === 0) return missing();
  const faults = whole && (await bodyFaults(requests, media, whole, { type, encoding, limit }));
  if (!faults) {
    const isCut = config.request === 'report' && !whole && Math.max(announced, body.bytes) <= limit;
    unchecked(isCut ? 'incomplete' : 'size');
    return config.request === 'enforce'
      ? bodyFault('body-too-large', `is larger than ${limit} bytes, to which it is looked into`)
      : undefined;
  }
  return faults.length === 0 ? undefined : { code: 'contract-violated', faults };
}
