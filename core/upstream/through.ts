/** An answer whose body goes through a stream on its way: compressed, say. */
import type { Transform } from 'node:stream';
import { Problem } from '../problem.ts';
import type { Source } from './flow.ts';
import { UpstreamResponse } from './response.ts';
import { without } from './response-headers.ts';

/** What says of the bytes what does not hold for others. */
const OF_THE_BYTES = /^(?:content-(?:length|md5|digest)|digest|repr-digest)$/;

/**
 * @param stream undefined for an answer to HEAD, which has no body: only its length is no longer known
 * @returns takes the place of the answer, which must not be used any more
 */
export function through(answer: UpstreamResponse, stream: Transform | undefined): UpstreamResponse {
  const fields = without(answer.headers, (name) => OF_THE_BYTES.test(name));
  if (!stream) {
    answer.headers.splice(0, answer.headers.length, ...fields);
    return answer;
  }
  let source: Source | undefined;
  let ended = false;
  let trailers: readonly string[] = [];
  const result = new UpstreamResponse(answer.status, answer.statusText, fields, {
    pause: () => void stream.pause(),
    resume: () => void stream.resume(),
    abort(reason) {
      ended = true;
      stream.destroy();
      source?.abort(reason);
      result.fail(reason instanceof Problem ? reason : new Problem('client-closed', { cause: reason }));
    },
  });
  stream.on('drain', () => source?.resume());
  stream.on('data', (chunk: Buffer) => result.receive(chunk));
  stream.on('end', () => {
    ended = true;
    result.complete(trailers);
  });
  stream.on('error', (cause) => {
    if (ended) return;
    ended = true;
    source?.abort(cause);
    result.fail(new Problem('internal-error', { cause }));
  });
  source = answer.into({
    data(chunk) {
      if (!ended && !stream.write(chunk)) source?.pause();
    },
    end(fields) {
      trailers = fields;
      if (!ended) stream.end();
    },
    fail(problem) {
      if (ended) return;
      ended = true;
      stream.destroy();
      result.fail(problem);
    },
  });
  return result;
}
