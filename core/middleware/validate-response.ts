/**
 * Holds an answer against the contract of the service: one that does not fit is not passed on, or counted. Streams and what is
 * larger than can be looked into pass: an outage in place of a large answer would serve nobody.
 */
import type { ValidateConfig } from '../config/schema/index.ts';
import { bodiless } from '../config/schema/routes.ts';
import type { Answerer, Context } from '../context.ts';
import { canDecode, kindOfBody } from '../contract/body.ts';
import { answerOf, bodyFaults, headerFaults, mediaOf } from '../contract/checking.ts';
import type { Contract, FoundOperation } from '../contract/contract.ts';
import type { Contracts } from '../contract/contracts.ts';
import { type Fault, told } from '../contract/fault.ts';
import { TooComplex } from '../contract/validators.ts';
import { Problem } from '../problem.ts';
import { isPrepared } from '../upstream/fallback.ts';
import { listOf } from '../upstream/fields.ts';
import type { UpstreamResponse } from '../upstream/response.ts';
import type { ContractReports, Unchecked } from './contract-reports.ts';
import type { CallOptions } from './new-exchange.ts';
import { outgoingOf } from './outgoing.ts';

/** Not the service's word on the operation: HTTP's own on what the client has already, and on a part of an answer. */
const HTTPS_OWN = new Set([206, 304, 416]);

export function validateResponse(call: CallOptions, contracts: Contracts, reports: ContractReports): Answerer {
  return function validateResponse(ctx, next) {
    const config = ctx.state.route?.config.validate;
    if (config === undefined || config.response === 'off') return next(ctx);
    if (config.sampling < 1 && call.random() >= config.sampling) return next(ctx);
    return next(ctx).then((response) => checked(ctx, response, config, call, contracts, reports));
  };
}

async function checked(
  ctx: Context,
  response: UpstreamResponse,
  config: ValidateConfig,
  call: CallOptions,
  contracts: Contracts,
  reports: ContractReports,
): Promise<UpstreamResponse> {
  const { service, method, path } = outgoingOf(ctx, call);
  const name = service?.name ?? '';
  const contract = contracts.get(name);
  const found = contract?.find(method, path);
  const unchecked = (reason: Unchecked) => {
    reports.unchecked('response', reason);
    return response;
  };
  // A request that the contract does not have, where it was let through, has no answer in it.
  if (!contract || !found) return unchecked('no-contract');
  if (isPrepared(response) || ctx.state.exchange?.service !== name) return unchecked('fallback');
  const { operation } = found;
  const judge = async (bodyUpTo: Looking['bodyUpTo']): Promise<readonly Fault[]> => {
    const faults = await faultsIn(contract, found, response, { method, limit: config.maxBody, unchecked, bodyUpTo });
    const route = ctx.state.route?.name ?? '';
    if (faults.length > 0)
      reports.violated({ route, service: name, operation: operation.name, direction: 'response', mode: config.response }, faults);
    return faults;
  };
  if (config.response === 'report') {
    // Nobody waits for a report: the body is seen as it passes.
    judge((limit) => seen(response, limit)).catch(() => unchecked('incomplete'));
    return response;
  }
  const faults = await judge((limit) => response.view(limit));
  if (faults.length === 0) return response;
  response.discard();
  // At the edge, nobody learns what a service said.
  throw new Problem('contract-broken', call.edge ? {} : { detail: `In answer to ${operation.name}.`, members: { errors: told(faults) } });
}

/** The whole body once it has passed; undefined when it is larger. Rejects when it is cut. */
function seen(response: UpstreamResponse, limit: number): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    let chunks: Buffer[] = [];
    let bytes = 0;
    response.watch({
      data(chunk) {
        bytes += chunk.length;
        if (bytes <= limit) chunks.push(chunk);
        else {
          chunks = [];
          resolve(undefined);
        }
      },
      end: () => resolve(Buffer.concat(chunks)),
      fail: reject,
    });
  });
}

interface Looking {
  readonly method: string;
  readonly limit: number;
  unchecked(reason: Unchecked): void;
  /** The whole body, undefined when it is larger. */
  bodyUpTo(limit: number): Promise<Buffer | undefined>;
}

async function faultsIn(
  contract: Contract,
  found: FoundOperation,
  response: UpstreamResponse,
  { method, limit, unchecked, bodyUpTo }: Looking,
): Promise<readonly Fault[]> {
  const { status } = response;
  const skip = (reason: Unchecked): readonly Fault[] => {
    unchecked(reason);
    return [];
  };
  if (status === 101) return skip('upgrade');
  const answer = answerOf(found, status);
  if (HTTPS_OWN.has(status) && !found.operation.answers.has(String(status))) return skip('partial');
  // A service that fails says so in its own way; what becomes of that is the breaker's and the fallback's to decide.
  if (!answer && status >= 500) return skip('server-error');
  if (!answer) return [{ in: 'status', pointer: String(status), detail: 'is no status of this operation' }];
  const header = (name: string) => listOf(response.headers, name);
  try {
    const faults = headerFaults(contract, answer, header);
    if (method === 'HEAD' || bodiless.has(status) || answer.content.size === 0) return faults;
    const type = header('content-type');
    const media = mediaOf(answer.content, type);
    if (type === undefined || !media) {
      if (type === undefined && (await bodyUpTo(0)) !== undefined) return [...faults, { in: 'body', pointer: '#', detail: 'is required' }];
      return [...faults, { in: 'content-type', pointer: 'content-type', detail: `must be ${[...answer.content.keys()].join(' or ')}` }];
    }
    if (kindOfBody(type, media) === 'opaque') {
      if (media.schema !== undefined) unchecked('media-type');
      return faults;
    }
    const encoding = header('content-encoding');
    if (encoding !== undefined && !canDecode(encoding)) return [...faults, ...skip('encoding')];
    const whole = await bodyUpTo(limit);
    const inside = whole && (await bodyFaults(contract.responses, media, whole, { type, encoding, limit }));
    return [...faults, ...(inside ?? skip('size'))];
  } catch (problem) {
    if (problem instanceof TooComplex) return skip('complexity');
    throw problem;
  }
}
