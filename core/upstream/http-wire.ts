/** The HTTP wire: one dispatch on an endpoint's connections, from an attempt to its `UpstreamResponse`. */
import type { Endpoint } from '../endpoint/endpoint.ts';
import type { ResponseHandler } from '../http1/connection.ts';
import type { Controller } from '../http1/controller.ts';
import type { ResponseHead } from '../http1/response-head.ts';
import { Problem } from '../problem.ts';
import type { Attempt } from './exchange.ts';
import { upstreamProblem } from './failure.ts';
import { UpstreamResponse } from './response.ts';
import { statusLineProblem, writeInterim } from './response-head.ts';
import { endToEndFields, trailerFields } from './response-headers.ts';

/** Sends the attempt; resolves when the head of the final answer is in, rejects with a `Problem`. */
export function sendOverHttp(attempt: Attempt, endpoint: Endpoint, idle: number): Promise<UpstreamResponse> {
  const { exchange, aborted } = attempt;
  return new Promise((resolve, reject) => {
    if (aborted) {
      reject(aborted);
      return;
    }
    const body = exchange.body?.open();
    // Until the request is on a connection there is nothing to abort: answer at once, and let onBegin give it up.
    attempt.whenAborted((problem) => {
      body?.destroy();
      reject(problem);
    });
    endpoint.pool.dispatch(
      {
        method: exchange.method,
        path: exchange.path,
        host: exchange.host ?? endpoint.host,
        fields: attempt.headers.length === 0 ? exchange.headers : [...exchange.headers, ...attempt.headers],
        body,
        idle,
      },
      new Reception(attempt, endpoint, resolve, reject),
    );
  });
}

/** What the connection calls back as the exchange proceeds. */
class Reception implements ResponseHandler {
  readonly #attempt: Attempt;
  readonly #endpoint: Endpoint;
  readonly #resolve: (response: UpstreamResponse) => void;
  readonly #reject: (problem: Problem) => void;
  #response: UpstreamResponse | undefined;

  constructor(attempt: Attempt, endpoint: Endpoint, resolve: (response: UpstreamResponse) => void, reject: (problem: Problem) => void) {
    this.#attempt = attempt;
    this.#endpoint = endpoint;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  onBegin(controller: Controller): void {
    if (this.#attempt.aborted) {
      controller.abort(this.#attempt.aborted);
      return;
    }
    this.#attempt.begun = true;
    this.#attempt.whenAborted((problem) => controller.abort(problem));
  }

  onSent(): void {
    this.#attempt.markSent();
  }

  onHead({ status, statusText, fields }: ResponseHead, controller: Controller): void {
    const problem = statusLineProblem(status, statusText);
    if (problem) {
      controller.abort(problem);
      return;
    }
    if (status < 200) {
      if (this.#attempt.exchange.interim) writeInterim(this.#attempt.exchange.res, status, endToEndFields(fields, status));
      return;
    }
    this.#response = new UpstreamResponse(status, printable(statusText), endToEndFields(fields, status), controller);
    this.#resolve(this.#response);
  }

  onData(piece: Buffer): void {
    try {
      this.#response?.receive(piece);
    } catch (cause) {
      throw ours(cause);
    }
  }

  onEnd(trailers: readonly string[]): void {
    try {
      this.#response?.complete(trailers.length === 0 ? trailers : trailerFields(trailers));
    } catch (cause) {
      this.#response?.fail(ours(cause));
    }
  }

  onError(error: Error, stale: boolean): void {
    const { exchange } = this.#attempt;
    this.#attempt.reusedConnection = stale;
    const problem = upstreamProblem(error, `service ${exchange.service}: endpoint ${this.#endpoint.authority}`);
    if (!this.#response) this.#reject(problem);
    else this.#response.fail(problem.code === 'connection-terminated' ? new Problem('response-incomplete', { cause: problem }) : problem);
  }
}

/** Of whoever takes the answer: the service has done nothing. */
const ours = (cause: unknown): Problem => new Problem('internal-error', { cause });

/** A reason phrase that HTTP can carry (RFC 9112 section 4), or none. */
function printable(statusText: string): string {
  return /^[\t\x20-\x7e]*$/.test(statusText) ? statusText : '';
}
