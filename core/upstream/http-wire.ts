/** The HTTP wire: one dispatch on an endpoint's undici pool, from an attempt to its `UpstreamResponse`. */
import type { Dispatcher } from 'undici';
import { brokeReusedConnection } from '../endpoint/connector.ts';
import type { Endpoint } from '../endpoint/endpoint.ts';
import { Problem } from '../problem.ts';
import type { Attempt } from './exchange.ts';
import { upstreamProblem } from './failure.ts';
import { UpstreamResponse } from './response.ts';
import { statusLineProblem, writeInterim } from './response-head.ts';
import { endToEndFields, type RawFields, trailerFields } from './response-headers.ts';

/** Sends the attempt; resolves when the head of the final answer is in, rejects with a `Problem`. */
export function sendOverHttp(attempt: Attempt, endpoint: Endpoint, idle: number): Promise<UpstreamResponse> {
  const { exchange } = attempt;
  return new Promise((resolve, reject) => {
    endpoint.pool.dispatch(
      {
        method: exchange.method as Dispatcher.HttpMethod,
        path: exchange.path,
        headers: ['host', exchange.host ?? endpoint.host, ...exchange.headers, ...attempt.headers],
        body: exchange.body?.open() ?? null,
        bodyTimeout: idle,
        // Otherwise undici reads a name from the Host, which is the client's, even without TLS. The endpoint's connector has its own.
        servername: endpoint.hostname,
      } as Dispatcher.DispatchOptions,
      new Reception(attempt, endpoint, resolve, reject),
    );
  });
}

/** What undici calls back as the exchange proceeds. Nothing here may throw: undici would take it for a fault of the connection. */
class Reception implements Dispatcher.DispatchHandler {
  readonly #attempt: Attempt;
  readonly #endpoint: Endpoint;
  readonly #resolve: (response: UpstreamResponse) => void;
  readonly #reject: (problem: Problem) => void;
  #response: UpstreamResponse | undefined;
  #begun = false;

  constructor(attempt: Attempt, endpoint: Endpoint, resolve: (response: UpstreamResponse) => void, reject: (problem: Problem) => void) {
    this.#attempt = attempt;
    this.#endpoint = endpoint;
    this.#resolve = resolve;
    this.#reject = reject;
    // Until the request is on a connection there is nothing to abort: answer at once, and let onRequestStart hang up.
    attempt.whenAborted(reject);
    if (attempt.aborted) reject(attempt.aborted);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#attempt.begun = true;
    if (this.#attempt.aborted) controller.abort(this.#attempt.aborted);
    else this.#attempt.whenAborted((problem) => controller.abort(problem));
  }

  onRequestSent(): void {
    this.#attempt.markSent();
  }

  /** Called at the first byte, even of an interim answer. */
  onResponseStarted(): void {
    this.#begun = true;
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, _headers: unknown, statusText = ''): void {
    const raw = (controller.rawHeaders ?? []) as RawFields;
    const problem =
      status === 101
        ? new Problem('upstream-protocol-error', { detail: 'A 101 that nobody asked for.' })
        : statusLineProblem(status, statusText);
    if (problem) {
      controller.abort(problem);
      return;
    }
    if (status < 200) {
      if (this.#attempt.exchange.interim) writeInterim(this.#attempt.exchange.res, status, endToEndFields(raw, status));
      return;
    }
    this.#response = new UpstreamResponse(status, printable(statusText), endToEndFields(raw, status), controller);
    this.#resolve(this.#response);
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#response?.receive(chunk);
  }

  onResponseEnd(controller: Dispatcher.DispatchController): void {
    const raw = (controller.rawTrailers ?? []) as RawFields;
    this.#response?.complete(raw.length === 0 ? [] : trailerFields(raw));
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    const { exchange } = this.#attempt;
    this.#attempt.reusedConnection = !this.#begun && brokeReusedConnection(error);
    const problem = upstreamProblem(error, `service ${exchange.service}: endpoint ${this.#endpoint.authority}`);
    if (!this.#response) this.#reject(problem);
    else this.#response.fail(problem.code === 'connection-terminated' ? new Problem('response-incomplete', { cause: problem }) : problem);
  }
}

/** A reason phrase that HTTP can carry (RFC 9112 section 4), or none. */
function printable(statusText: string): string {
  return /^[\t\x20-\x7e]*$/.test(statusText) ? statusText : '';
}
