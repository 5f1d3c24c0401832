/** What a thread aside runs: holds bodies of requests against the document of the API. */
import { bodyFaults, mediaOf } from '../../contract/checking.ts';
import type { Contract } from '../../contract/contract.ts';
import type { Fault } from '../../contract/fault.ts';
import { TooComplex } from '../../contract/validators.ts';
import { contractOf, partOf } from './contract.ts';
import { apiPaths } from './paths.ts';
import { LARGEST } from './request.ts';
import { schemas } from './schemas.ts';

const contracts = new Map<string, Contract>();

/** @param path of the request, which fits the template @param type of the body, which the operation takes */
export async function bodyFaultsOf(
  template: string,
  method: string,
  { path, type, bytes }: { path: string; type: string; bytes: Uint8Array },
): Promise<readonly Fault[]> {
  const key = `${method} ${template}`;
  const operation = apiPaths[template]?.[method] ?? {};
  const contract = contracts.get(key) ?? contractOf(JSON.stringify(partOf(template, method, operation, schemas())));
  contracts.set(key, contract);
  const media = mediaOf(contract.find(method.toUpperCase(), path)?.operation.body?.content ?? new Map(), type);
  try {
    return (media && (await bodyFaults(contract.requests, media, Buffer.from(bytes), { type, encoding: undefined, limit: LARGEST }))) ?? [];
  } catch (error) {
    if (error instanceof TooComplex) return [{ in: 'body', pointer: '#', detail: 'is too complex to be judged' }];
    throw error;
  }
}
