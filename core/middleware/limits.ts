/**
 * What a request may take, and what it may leave unclear: size and shape of its head, and its framing. Node's parser has
 * refused the grossest already; here falls what it lets through (RFC 9112 sections 3.2 and 6.3).
 */
import { Http2ServerRequest } from 'node:http2';
import type { LimitsConfig } from '../config/schema/index.ts';
import type { Context, Middleware } from '../context.ts';
import { Problem } from '../problem.ts';

const MAX_TARGET = 8 * 1024;
const MAX_FIELDS = 100;

export function limits({ body }: LimitsConfig): Middleware {
  return function limits(ctx, next) {
    const { req } = ctx;
    if ((req.url ?? '').length > MAX_TARGET) throw new Problem('target-too-long', { detail: `The limit is ${MAX_TARGET} bytes.` });
    if (req.rawHeaders.length > MAX_FIELDS * 2) throw new Problem('headers-too-large', { detail: `The limit is ${MAX_FIELDS} fields.` });
    if (!(req instanceof Http2ServerRequest)) refuseUnclear(ctx);
    const { method } = req;
    if (method === 'TRACE' || method === 'CONNECT') throw new Problem('not-implemented', { detail: `${method} is not served here.` });
    if (ctx.state.client.contradictory)
      throw new Problem('bad-request', { detail: 'The forwarding fields are contradictory or malformed.' });
    if (Number(req.headers['content-length'] ?? 0) > body) throw new Problem('body-too-large', { detail: `The limit is ${body} bytes.` });
    return next();
  };
}

function refuseUnclear({ req, res }: Context): void {
  const { headers, rawHeaders, httpVersion } = req;
  // Where the head is unclear, nobody knows where the next request begins.
  const keepAlive = res.shouldKeepAlive;
  res.shouldKeepAlive = false;
  // Node's parser takes `HTTP/2.0` in a request line for an ordinary version.
  if (httpVersion !== '1.1' && httpVersion !== '1.0')
    throw new Problem('bad-request', { detail: 'The versions of HTTP spoken on such a connection are 1.1 and 1.0.' });
  let hosts = 0;
  for (let at = 0; at < rawHeaders.length; at += 2)
    if (rawHeaders[at]?.length === 4 && rawHeaders[at]?.toLowerCase() === 'host') hosts += 1;
  if (hosts > 1 || (hosts === 0 && httpVersion === '1.1')) throw new Problem('invalid-host', { detail: 'Exactly one Host is needed.' });
  const coding = headers['transfer-encoding'];
  if (coding !== undefined) {
    if (coding.toLowerCase() !== 'chunked')
      throw new Problem('not-implemented', { detail: 'The only transfer coding understood is chunked.' });
    if (headers['content-length'] !== undefined || httpVersion === '1.0')
      throw new Problem('bad-request', { detail: 'The framing is ambiguous.' });
  }
  res.shouldKeepAlive = keepAlive;
}
