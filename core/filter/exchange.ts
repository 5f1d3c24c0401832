/** A request and its answer while filters are at work on them. What is built in sees all of it; a user's filter has its `Turn`. */
import type { Answer, Context } from '../context.ts';
import type { CallOptions } from '../middleware/new-exchange.ts';
import { outgoingOf } from '../middleware/outgoing.ts';
import { Problem } from '../problem.ts';
import { cancel } from '../upstream/exchange.ts';
import type { Outgoing } from '../upstream/outgoing.ts';
import { UpstreamResponse } from '../upstream/response.ts';
import { HeaderFields } from './headers.ts';
import { misuse } from './stray.ts';
import { type Answered, changeable, finalStatus, isBodiless, RequestView, ResponseView, type Viewer } from './views.ts';

const ownFilters: Viewer = { wait: (promise) => promise, mayChange() {} };

export class RequestExchange implements Answered {
  readonly ctx: Context;
  readonly #options: CallOptions;
  readonly state = new Map<unknown, unknown>();
  /** The answer so far. */
  answer: UpstreamResponse | undefined;
  error: Problem | undefined;
  #request: RequestView | undefined;
  #response: ResponseView | undefined;
  #over = false;
  #asking = false;

  constructor(ctx: Context, options: CallOptions) {
    this.ctx = ctx;
    this.#options = options;
  }

  /** @throws what making it throws: Problem `loop`, say */
  get outgoing(): Outgoing {
    return outgoingOf(this.ctx, this.#options);
  }

  get request(): RequestView {
    this.#request ??= new RequestView(this.ctx, this.outgoing, ownFilters);
    return this.#request;
  }

  get response(): ResponseView {
    this.current();
    this.#response ??= new ResponseView(this, ownFilters);
    return this.#response;
  }

  current(): UpstreamResponse {
    if (this.#over) throw misuse('The answer is on its way already');
    if (!this.answer) throw misuse('There is no response yet: it is there in stages post and error, and in route behind next()');
    return this.answer;
  }

  respond(status: number, headers: Readonly<Record<string, string | readonly string[]>> = {}, body?: unknown): void {
    if (this.#over) throw misuse('The answer is on its way already');
    if (this.answer) changeable(this.answer);
    const bodiless = isBodiless(finalStatus(status));
    const fields: string[] = [];
    const named = new HeaderFields(() => fields);
    for (const [name, values] of Object.entries(headers)) for (const value of [values].flat()) named.append(name, value);
    const bytes = body === undefined || bodiless ? undefined : bytesOf(body);
    if (bytes && !named.has('content-type') && !(body instanceof Uint8Array))
      fields.push('Content-Type', typeof body === 'string' ? 'text/plain; charset=utf-8' : 'application/json');
    this.replace(status, fields, bytes);
  }

  /** Puts a whole answer in the place of the one so far, whose connection is given up unless it was read. */
  replace(status: number, fields: string[], body: Buffer | undefined): void {
    const written = isBodiless(status) ? undefined : body;
    if (status !== 204 && status !== 304) fields.push('Content-Length', String(written?.length ?? 0));
    const earlier = this.answer;
    this.answer = UpstreamResponse.whole(status, fields, written);
    earlier?.discard();
  }

  /** Has the steps below answer. @throws what they throw */
  async ask(next: Answer): Promise<void> {
    this.#asking = true;
    try {
      this.came(await next(this.ctx));
    } finally {
      this.#asking = false;
    }
  }

  /** Gives up the call that is still under way, as if its client had left: there is an answer, or a failure, without it. */
  leave(): void {
    const { exchange } = this.ctx.state;
    if (this.#asking && exchange) cancel(exchange, new Problem('client-closed'));
  }

  /** Takes in what the steps below answered; what comes behind another answer is for nobody. */
  came(answer: UpstreamResponse): void {
    if (this.answer || this.#over) answer.discard();
    else this.answer = answer;
  }

  /** From here on nothing changes any more, whoever still holds the exchange. */
  end(): void {
    this.#over = true;
  }

  get over(): boolean {
    return this.#over;
  }
}

function bytesOf(body: unknown): Buffer {
  if (typeof body === 'string' || body instanceof Uint8Array) return Buffer.from(body as string);
  const text = JSON.stringify(body);
  if (text === undefined) throw misuse('The body cannot be written as JSON');
  return Buffer.from(text);
}
