/** The client as the place where a service's answer goes, with backpressure towards the service. */
import type { ServerResponse } from 'node:http';
import { Http2ServerResponse } from 'node:http2';
import { atEndOfTurn } from '../http1/end-of-turn.ts';
import { Problem } from '../problem.ts';
import type { Sink, Source } from './flow.ts';
import { cut, cutUnlessRead, writeTrailers } from './response-head.ts';

/** Node writes a head and a string in one piece, a head and a buffer in two; below this size the copy is the cheaper one. */
const ONE_WRITE = 4 * 1024;

/** Told of a piece that has been written, and is used no more. */
export type Written = (chunk: Buffer) => void;

/** Writes a body that is whole already; a client that takes nothing of it for so many milliseconds is cut. */
export function endWith(res: ServerResponse, chunks: readonly Buffer[], written: Written, idle: number): void {
  const [chunk] = chunks;
  if (chunks.length === 0 || (chunks.length === 1 && chunk !== undefined && chunk.length <= ONE_WRITE)) {
    const body = chunk?.toString('latin1');
    // Of an answer over HTTP/2 node sends the head by itself meanwhile: two writes would come of it, in place of one.
    if (res instanceof Http2ServerResponse) endAtOnce(res, body, idle);
    else atEndOfTurn(() => endAtOnce(res, body, idle));
    return;
  }
  res.cork();
  for (const each of chunks) write(res, each, written);
  res.end();
  cutUnlessRead(res, idle);
}

function endAtOnce(res: ServerResponse, body: string | undefined, idle: number): void {
  try {
    if (body === undefined) res.end();
    else res.end(body, 'latin1');
    cutUnlessRead(res, idle);
  } catch {
    cut(res);
  }
}

/** Over HTTP/2 node does not tell when it is done with the bytes themselves. */
function write(res: ServerResponse, chunk: Buffer, written: Written): void {
  if (res instanceof Http2ServerResponse) res.write(chunk);
  else res.write(chunk, (error) => error ?? written(chunk));
}

/** Bytes the client may be behind before the service is asked to wait: to stop and start at every chunk would cost more than they do. */
const BEHIND = 256 * 1024;

export interface Taking {
  /** Milliseconds without a byte. */
  readonly idle: number;
  readonly source: Source;
  readonly written: Written;
}

export function toClient(
  res: ServerResponse,
  { idle, source, written }: Taking,
  resolve: () => void,
  reject: (problem: Problem) => void,
): Sink {
  let waiting: NodeJS.Timeout | undefined;
  const onDrain = () => {
    clearTimeout(waiting);
    waiting = undefined;
    source.resume();
  };
  const onClose = () => {
    settle();
    const problem = new Problem('client-closed');
    source.abort(problem);
    reject(problem);
  };
  const settle = () => {
    clearTimeout(waiting);
    res.off('drain', onDrain).off('close', onClose).off('finish', onFinish);
  };
  const onFinish = () => {
    // HTTP/2 says so of a stream that was reset, too.
    if (!res.writableEnded) return onClose();
    settle();
    resolve();
  };
  res.on('drain', onDrain).on('close', onClose).on('finish', onFinish);
  return {
    data(chunk) {
      write(res, chunk, written);
      if (waiting || res.writableLength < BEHIND) return;
      source.pause();
      // A client that stops reading must not hold the service's connection for ever.
      waiting = setTimeout(() => cut(res), idle);
    },
    end(trailers) {
      if (trailers.length > 0) writeTrailers(res, trailers);
      // Counts from the last byte the client took, so that a slow one is served and one that stopped is not waited for.
      res.setTimeout(idle, () => cut(res));
      res.end();
    },
    fail(problem) {
      settle();
      cut(res);
      reject(problem);
    },
  };
}
