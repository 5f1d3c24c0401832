/**
 * One request's call to a service, and each try of it. The exchange is what the pipeline hands down; an attempt is what the
 * layers pass along, and may be made several times for one exchange.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Context as TraceContext } from '@opentelemetry/api';
import type { Chain } from '../chain.ts';
import type { Clock } from '../clock.ts';
import type { Priority } from '../config/schema/index.ts';
import type { Endpoint } from '../endpoint/endpoint.ts';
import { Problem } from '../problem.ts';
import type { UpstreamResponse } from './response.ts';
import type { Sendable } from './sendable.ts';

export interface Exchange {
  readonly method: string;
  /** Canonical path after rewriting, with the query: what goes on the wire. */
  readonly path: string;
  /** Fields for the service, flat: name, value. Without Host and without trace context, which belong to an attempt. */
  readonly headers: readonly string[];
  /** The client's Host, or null where the endpoint's own is to be used. */
  readonly host: string | null;
  readonly body: Sendable | undefined;
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  /** Whether interim answers (1xx) of the service go on to the client. */
  readonly interim: boolean;
  /** The protocol to upgrade to and the bytes behind the request head, which the first try puts back on the client's socket. */
  readonly upgrade: { readonly protocol: 'websocket'; head: Buffer } | undefined;
  /** The server span's context: parent of every attempt's span. */
  readonly trace: TraceContext;
  readonly service: string;
  /** Who asks, as far as it is told apart here: the calling service, or `users` or `anonymous`. */
  readonly from: string;
  /** How the client came, perhaps by way of a trusted proxy. */
  readonly scheme: 'http' | 'https';
  /** Who is turned away first when the service is full. */
  readonly priority: Priority;
  /** What `consistentHash` goes by; undefined when the request has none of it. */
  readonly hashKey: string | undefined;
  /** What a sticky cookie names (balancer/sticky.ts). */
  readonly stuckTo: string | undefined;
  /** `X-Gateway-Attempts` of a gateway that will try again by itself, so that here only failures to connect are tried again. */
  readonly attemptsAbove: string | undefined;
  /** How long the caller waits, as it said, in milliseconds; Infinity when it did not say. As `timeouts.request` it counts from the whole request. */
  readonly timeLeft: number;
  /** Milliseconds this call may take in place of `timeouts.request`, when that allows more. */
  readonly within?: number | undefined;
  /** Tries made so far, the current one last. */
  readonly attempts: Attempt[];
  /** By the monotonic clock, in milliseconds; Infinity without one. Set by the deadline layer. */
  deadlineAt: number;
  /** The same for the caller's patience alone. */
  expiresAt: number;
  /** `X-Gateway-Attempts` of the try under way; undefined where nobody will try again. Set by the retry layer. */
  announced: string | undefined;
  /** Called when a try has written the whole request, before anybody who waits for that try alone. Set by the deadline layer. */
  onSent?: (() => void) | undefined;
  /** Why no further try may start. */
  cancelled: Problem | undefined;
  /** See `whenCancelled`. */
  onCancelled?: ((problem: Problem) => void) | undefined;
}

/** Those who watch one promise (watch.ts), from the lowest to the highest. */
export interface Watching {
  readonly answer: Promise<UpstreamResponse>;
  readonly watchers: Chain<Watcher>;
}

export interface Watcher {
  readonly onAnswer: (response: UpstreamResponse) => void;
  readonly onFailure: (error: unknown) => void;
}

export class Attempt {
  readonly exchange: Exchange;
  /** 0 for the first try: `http.request.resend_count`. */
  readonly number: number;
  /** Set by the balance layer. */
  endpoint: Endpoint | undefined;
  /** Fields of this try alone (trace context, time left), flat. */
  readonly headers: string[] = [];
  /** Whether it failed on a connection that had carried an answer before, without a byte of its own: that says nothing of the service. */
  reusedConnection = false;
  /** Whether its request is on a connection: the service may have seen some of it. */
  begun = false;
  /** Milliseconds by the monotonic clock. */
  readonly startedAt: number;
  /** When the first byte of the answer came; 0 before. */
  respondedAt = 0;
  /** When it was answered or failed; 0 before, and where it was never sent. */
  endedAt = 0;
  /** The status of the answer, or why there is none. */
  outcome: number | Problem | undefined;
  aborted: Problem | undefined;
  /** The layers that watch what it comes to (watch.ts). */
  watching: Watching | undefined;
  #abort: ((problem: Problem) => void) | undefined;
  #onSent: (() => void) | undefined;
  #sent = false;

  constructor(exchange: Exchange, startedAt: number) {
    this.exchange = exchange;
    this.number = exchange.attempts.length;
    this.startedAt = startedAt;
    exchange.attempts.push(this);
  }

  /** Ends this try with a reason. The transport then rejects with it; before the transport runs, it will at once. */
  abort(problem: Problem): void {
    if (this.aborted) return;
    this.aborted = problem;
    this.#abort?.(problem);
  }

  /** The transport's side of `abort`. */
  whenAborted(abort: (problem: Problem) => void): void {
    this.#abort = abort;
  }

  /** The transport says that the request has been written whole. */
  markSent(): void {
    this.#sent = true;
    this.exchange.onSent?.();
    this.#onSent?.();
  }

  /** Calls back once the request has been written whole: from then on the wait is the service's. */
  whenSent(callback: () => void): void {
    if (this.#sent) callback();
    else this.#onSent = callback;
  }
}

/** When the last try was answered: all layers hear of that at one moment. Not of a failure, which may come long after the last try. */
export function answeredAt({ attempts }: Exchange, clock: Clock): number {
  return attempts[attempts.length - 1]?.endedAt || clock.now();
}

/** Why an exchange whose time is up has failed: by the service's limit, or by the caller's, which says nothing of the service. */
export function tooLate({ expiresAt, deadlineAt }: Exchange): Problem {
  return new Problem(expiresAt <= deadlineAt ? 'caller-gone' : 'deadline-exceeded');
}

/** Ends the exchange: the try under way is aborted and no other will start. */
export function cancel(exchange: Exchange, problem: Problem): void {
  if (exchange.cancelled) return;
  exchange.cancelled = problem;
  exchange.onCancelled?.(problem);
  exchange.attempts.at(-1)?.abort(problem);
}

/** Calls back when the exchange is cancelled: for whoever waits while no try is under way, of whom there is one at a time. */
export function whenCancelled(exchange: Exchange, callback: ((problem: Problem) => void) | undefined): void {
  exchange.onCancelled = callback;
}
