/** The bytes that came behind the head of an upgrade request: node hands them over beside the request, once. */
import type { IncomingMessage } from 'node:http';

/** Any other upgrade is ignored, and the request served as the ordinary one it also is (RFC 9110 section 7.8). */
export const wantsWebSocket = ({ method, headers }: Pick<IncomingMessage, 'method' | 'headers'>): boolean =>
  method === 'GET' && headers.upgrade?.toLowerCase() === 'websocket';

const heads = new WeakMap<IncomingMessage, Buffer>();

export function keepUpgradeHead(req: IncomingMessage, head: Buffer): void {
  heads.set(req, head);
}

/** Undefined when the request is no upgrade. */
export function upgradeHeadOf(req: IncomingMessage): Buffer | undefined {
  return heads.get(req);
}
