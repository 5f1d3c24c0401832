/** The body of a request to one of the gateway's own servers, all of it at once. */
import type { IncomingMessage } from 'node:http';

/** @param limit bytes @param refusal what is thrown for more, of the reason in words */
export async function boundedBody(req: IncomingMessage, limit: number, refusal: (reason: string) => Error): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  // Left open at an early end, for the refusal has to go out on it.
  for await (const chunk of req.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limit) throw refusal(`The body is larger than ${limit} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
