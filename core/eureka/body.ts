/** The body of a request to the registry: of a bounded size, JSON or XML. */
import type { IncomingMessage } from 'node:http';
import { boundedBody } from '../server/bounded-body.ts';
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
  const bytes = await boundedBody(req, limit, (reason) => new Refused(413, reason));
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
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
