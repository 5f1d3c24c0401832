/** One who asks, and notes all that it is told. */
import type { ResponseHandler } from '../../../core/http1/connection.ts';
import type { Controller } from '../../../core/http1/controller.ts';
import type { ResponseHead } from '../../../core/http1/response-head.ts';

/** What may be told differently. */
export type Instead = Partial<Record<'begin' | 'sent' | 'head' | 'data' | 'end' | 'error', (asker: Asker) => void>>;

export class Asker implements ResponseHandler {
  /** In the order they came. */
  readonly told: string[] = [];
  controller: Controller | undefined;
  status = 0;
  bytes = 0;
  body = '';
  trailers: readonly string[] = [];
  error: (Error & { readonly code?: unknown }) | undefined;
  stale: boolean | undefined;
  /** How often it was told that it is over. */
  ends = 0;
  readonly #instead: Instead;
  readonly #waiting = new Map<string, PromiseWithResolvers<void>>();

  constructor(instead: Instead = {}) {
    this.#instead = instead;
  }

  /** Resolves when it has been told so once. */
  until(what: string): Promise<void> {
    return this.#waitFor(what).promise;
  }

  /** Resolves when it is over. */
  async over(): Promise<this> {
    await this.until('over');
    return this;
  }

  onBegin(controller: Controller): void {
    this.controller = controller;
    this.#note('begin');
  }

  onSent(): void {
    this.#note('sent');
  }

  onHead({ status }: ResponseHead, controller: Controller): void {
    this.controller = controller;
    this.status = status;
    this.#note('head');
  }

  onData(piece: Buffer): void {
    this.bytes += piece.length;
    if (this.body.length < 100_000) this.body += piece.toString('latin1');
    this.#note('data');
  }

  onEnd(trailers: readonly string[]): void {
    this.trailers = trailers;
    this.ends += 1;
    this.#note('end');
    this.#note('over');
  }

  onError(error: Error, stale: boolean): void {
    this.error = error;
    this.stale = stale;
    this.ends += 1;
    this.#note('error');
    this.#note('over');
  }

  #waitFor(what: string): PromiseWithResolvers<void> {
    const waiting = this.#waiting.get(what) ?? Promise.withResolvers<void>();
    this.#waiting.set(what, waiting);
    return waiting;
  }

  #note(what: string): void {
    if (what !== 'over' && this.told.length < 100) this.told.push(what);
    this.#waitFor(what).resolve();
    this.#instead[what as keyof Instead]?.(this);
  }
}
