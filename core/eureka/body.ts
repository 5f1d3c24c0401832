/** The body of a request to the registry: of a bounded size, JSON or XML. */
import type { IncomingMessage } from 'node:http';
import { Refused } from './refused.ts';
import { readXml } from './xml.ts';

/** @param limit bytes @throws Refused 400, 413 or 415 */
export async function readBody(req: IncomingMessage, limit: number): Promise<unknown> {
  // Without its parameters: a browser lets any page send `text/plain;json`, and asks nobody (Fetch standard, CORS-safelisted).
  const [type = ''] = (req.headers['content-type'] ?? '').toLowerCase().split(';', 1);
  const isXml = type.includes('xml');
  if (!isXml && !type.includes('json')) throw new Refused(415, 'The body must be application/json or application/xml');
  if (req.headers['content-encoding'] !== undefined) throw new Refused(415, 'The body must not be encoded');
  const text = await readText(req, limit);
  return isXml ? readXml(text) : readJson(text);
}

async function readText(req: IncomingMessage, limit: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  // Left open at an early end, for the refusal has to go out on it.
  for await (const chunk of req.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limit) throw new Refused(413, `The body is larger than ${limit} bytes`);
    chunks.push(chunk);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
  } catch {
    throw new Refused(400, 'The body is not UTF-8');
  }
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Refused(400, `The JSON is malformed: ${error instanceof Error ? error.message.slice(0, 120) : ''}`);
  }
}
