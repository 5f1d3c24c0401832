/** Which requests have a body. */
import type { IncomingMessage } from 'node:http';

/** Whether the request has a body at all: RFC 9112 section 6.3, and HTTP/2's end of stream. */
export function hasBody(req: IncomingMessage): boolean {
  if (req.httpVersionMajor >= 2) return !(req as IncomingMessage & { stream?: { endAfterHeaders?: boolean } }).stream?.endAfterHeaders;
  if (req.headers['transfer-encoding'] !== undefined) return true;
  const length = req.headers['content-length'];
  return length !== undefined && length !== '0';
}
