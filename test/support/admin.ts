/** Asks an admin port as an operator does, and holds every answer against the document of the API: what is not in it is a failure. */

import { contractOf } from '../../core/admin/api/contract.ts';
import { adminDocument } from '../../core/admin/api/document.ts';
import { answerOf, bodyFaults, headerFaults, mediaOf } from '../../core/contract/checking.ts';
import type { Contract } from '../../core/contract/contract.ts';

export interface AdminAnswer {
  readonly status: number;
  readonly etag: string | undefined;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: what it is, each test says
  readonly body: any;
}

export interface AdminAsking {
  readonly match?: string | undefined;
  readonly token?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  /** As it is; everything else goes as JSON. */
  readonly raw?: string;
}

export type Admin = (method: string, path: string, body?: unknown, asking?: AdminAsking) => Promise<AdminAnswer>;

/** @param url where the port is @param token sent with all that changes something, unless a request says otherwise */
export function adminAt(url: string, token?: string): Admin {
  return async (method, path, body, { match, headers = {}, raw, ...asking } = {}) => {
    const own = 'token' in asking ? asking.token : token;
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        ...(own === undefined ? {} : { Authorization: `Bearer ${own}` }),
        ...(match === undefined ? {} : { 'If-Match': match }),
        ...(body === undefined && raw === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined && raw === undefined ? {} : { body: raw ?? JSON.stringify(body) }),
    });
    const text = await response.text();
    await documented(method, path, response, text);
    const isJson = /json/.test(response.headers.get('content-type') ?? '');
    return {
      status: response.status,
      etag: response.headers.get('etag') ?? undefined,
      headers: response.headers,
      text,
      body: isJson && text !== '' ? JSON.parse(text) : undefined,
    };
  };
}

let contract: Contract | undefined;

async function documented(method: string, target: string, { status, headers }: Response, text: string): Promise<void> {
  contract ??= contractOf(adminDocument());
  const found = contract.find(method, target.split('?')[0] ?? '');
  if (!found) {
    if ([401, 403, 404, 405].includes(status) || method === 'OPTIONS') return;
    throw new Error(`${method} ${target} is in no document`);
  }
  const answer = answerOf(found, status);
  if (!answer) throw new Error(`${method} ${target} answers ${status}, which is in no document: ${text.slice(0, 500)}`);
  const header = (name: string) => headers.get(name) ?? undefined;
  const type = header('content-type');
  const media = mediaOf(answer.content, type);
  if (text !== '' && !media) throw new Error(`${method} ${target} answers ${status} with ${type}, which is in no document`);
  const inBody =
    media && type && text !== ''
      ? await bodyFaults(contract.responses, media, Buffer.from(text), { type, encoding: undefined, limit: 1e8 })
      : [];
  const faults = [...headerFaults(contract, answer, header), ...(inBody ?? [])];
  if (faults.length > 0)
    throw new Error(`${method} ${target} answers ${status} against the document: ${JSON.stringify(faults)} ${text.slice(0, 500)}`);
}
