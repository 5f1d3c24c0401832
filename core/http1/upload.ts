/** A body on its way to a service: behind its head, at the pace at which the service reads. */
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { framing, type RequestHead } from './request-head.ts';
import { WireError } from './wire-error.ts';

export interface UploadEvents {
  /** Its head is written now. */
  onBegin(): void;
  /** It has been written whole. */
  onSent(): void;
  onError(error: Error): void;
}

/**
 * The head goes with the first of the body, in one packet where that is small.
 *
 * @returns ends it, wherever it is: the body is destroyed, and nothing more is told
 */
export function startUpload(
  socket: Socket,
  { text, length }: RequestHead,
  body: Readable,
  { onBegin, onSent, onError }: UploadEvents,
): () => void {
  let begun = false;
  let bytes = 0;
  const begin = (said: number | undefined) => {
    if (begun) return;
    begun = true;
    onBegin();
    socket.write(text + framing(said), 'latin1');
  };
  const stop = () => {
    body.off('data', onData).off('end', onEnd).off('error', onFailure).off('close', onClose);
    socket.off('drain', onDrain);
    body.destroy();
  };
  const onFailure = (error: Error) => {
    stop();
    onError(error);
  };
  const onData = (chunk: Buffer) => {
    bytes += chunk.length;
    if (length !== undefined && bytes > length)
      return onFailure(new WireError('WIRE_UNSENDABLE', 'its body is longer than it was said to be'));
    if (chunk.length === 0) return;
    socket.cork();
    begin(length);
    if (length === undefined) socket.write(`${chunk.length.toString(16)}\r\n`, 'latin1');
    let drained = socket.write(chunk);
    if (length === undefined) drained = socket.write('\r\n', 'latin1');
    socket.uncork();
    if (!drained || socket.writableNeedDrain) body.pause();
  };
  const onEnd = () => {
    if (length !== undefined && bytes < length)
      return onFailure(new WireError('WIRE_UNSENDABLE', 'its body is shorter than it was said to be'));
    const chunked = begun && length === undefined;
    begin(length ?? 0);
    if (chunked) socket.write('0\r\n\r\n', 'latin1');
    stop();
    onSent();
  };
  const onClose = () => onFailure(givenUp());
  const onDrain = () => void body.resume();
  // What it reports when it has been given up is nobody's.
  body.on('error', () => {});
  if (body.destroyed) {
    const timer = setImmediate(onFailure, body.errored ?? givenUp());
    return () => clearImmediate(timer);
  }
  socket.on('drain', onDrain);
  body.on('data', onData).on('end', onEnd).on('error', onFailure).on('close', onClose);
  return stop;
}

const givenUp = (): WireError => new WireError('WIRE_UNSENDABLE', 'its body was given up');
