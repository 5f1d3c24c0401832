/** One bounded request for a key set: no redirects, no more than a mebibyte, no longer than the timeout to the last byte. */
import { type Dispatcher, request } from 'undici';
import { keyFromJwk, type SigningKey } from './signing-key.ts';

const MAX_BYTES = 1024 * 1024;
const MAX_KEYS = 100;

/** The keys of the set that verify signatures, at least one; everything else is an error. */
export async function fetchKeySet(url: string, timeout: number): Promise<readonly SigningKey[]> {
  const response = await request(url, {
    headers: { accept: 'application/jwk-set+json, application/json' },
    signal: AbortSignal.timeout(timeout),
    reset: true, // minutes lie between two fetches: a kept connection would only be found dead
  });
  const text = await read(response);
  if (response.statusCode !== 200) throw new Error(`${url} answered ${response.statusCode}`);
  return keysOf(JSON.parse(text), url);
}

async function read({ body }: Dispatcher.ResponseData): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BYTES) throw new Error(`the key set is larger than ${MAX_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function keysOf(set: unknown, url: string): readonly SigningKey[] {
  const published = typeof set === 'object' && set !== null && 'keys' in set ? set.keys : undefined;
  if (!Array.isArray(published)) throw new Error(`${url} did not answer with a key set`);
  if (published.length > MAX_KEYS) throw new Error(`${url} has more than ${MAX_KEYS} keys`);
  const keys = published.map(keyFromJwk).filter((key) => key !== undefined);
  if (keys.length === 0) throw new Error(`${url} has no key that verifies signatures`);
  return keys;
}
