/** Compresses answers for clients that accept it, as they stream by. */
import type { Transform } from 'node:stream';
import { constants, createBrotliCompress, createGzip, createZstdCompress } from 'node:zlib';
import type { BuiltInOptions } from '../../config/schema/index.ts';
import { through } from '../../upstream/through.ts';
import type { RequestExchange } from '../exchange.ts';
import { accepted } from './accept-encoding.ts';
import { type BuiltIn, LAST } from './built-in.ts';

type Encoding = BuiltInOptions['compress']['encodings'][number];

/** Bits of the window, for all three: what a stream under way holds in memory is a few hundred KiB, whatever passes. */
const WINDOW = 18;

/**
 * Fast rather than small: the time is the gateway's.
 *
 * @param flush whether each chunk is passed on as it comes: of an answer without a known length, its parts are waited for
 */
const compressors: Readonly<Record<Encoding, (flush: boolean) => Transform>> = {
  br: (flush) =>
    createBrotliCompress({
      params: { [constants.BROTLI_PARAM_QUALITY]: 4, [constants.BROTLI_PARAM_LGWIN]: WINDOW },
      ...(flush ? { flush: constants.BROTLI_OPERATION_FLUSH } : {}),
    }),
  zstd: (flush) =>
    createZstdCompress({ params: { [constants.ZSTD_c_windowLog]: WINDOW }, ...(flush ? { flush: constants.ZSTD_e_flush } : {}) }),
  gzip: (flush) => createGzip({ level: 5, ...(flush ? { flush: constants.Z_SYNC_FLUSH } : {}) }),
};

export function compress({ minSize, types, encodings }: BuiltInOptions['compress']): BuiltIn {
  const worth = types.map((type) => new RegExp(`^${type.split('*').map(RegExp.escape).join('[^;\\s/]+')}$`, 'i'));
  const isWorth = (type: string) => worth.some((pattern) => pattern.test((type.split(';', 1)[0] ?? '').trim()));

  return {
    stage: 'post',
    order: LAST,
    run(exchange) {
      const { ctx, response } = exchange;
      const answer = exchange.current();
      const { headers } = response;
      const { status } = answer;
      if (status === 204 || status === 205) return;
      const type = headers.get('content-type');
      // A 304 rarely says of what type the answer is that it confirms.
      if (type === undefined ? status !== 304 : !isWorth(type)) return;
      if (headers.has('content-encoding')) return;
      if (/\bno-transform\b/i.test(headers.get('cache-control') ?? '')) return;
      const length = headers.get('content-length');
      if (status !== 206 && length !== undefined && Number(length) < minSize) return;
      // Also where this client gets it plain: a cache must not give it to another, or that one's to this (RFC 9110 section 12.5.5).
      varyBy(headers);
      const encoding = accepted<Encoding>(ctx.req.headers['accept-encoding'], encodings);
      // A part stays one of what the service has: its range counts those bytes.
      if (encoding === undefined || status === 206) return;
      if (status !== 304) headers.set('Content-Encoding', encoding);
      // The bytes are others now, what they mean is the same (RFC 9110 section 8.8.1).
      const tag = headers.get('etag');
      if (tag !== undefined && !tag.startsWith('W/')) headers.set('ETag', `W/${tag}`);
      if (status === 304) return;
      headers.delete('accept-ranges');
      exchange.answer = through(answer, ctx.req.method === 'HEAD' ? undefined : compressors[encoding](length === undefined));
    },
  };
}

function varyBy(headers: RequestExchange['response']['headers']): void {
  const vary = headers.get('vary');
  if (vary === undefined) headers.set('Vary', 'Accept-Encoding');
  else if (!/(?:^|,)\s*(?:accept-encoding|\*)\s*(?:,|$)/i.test(vary)) headers.set('Vary', `${vary}, Accept-Encoding`);
}
