/** One connection to an endpoint: a request, its answer, and then the next (RFC 9112 section 9.3), never two at a time. */
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { type Controller, Hold } from './controller.ts';
import { atEndOfTurn } from './end-of-turn.ts';
import { copied } from './pieces.ts';
import { noBody, type RequestHead, requestHead, type WireRequest } from './request-head.ts';
import type { ResponseHead } from './response-head.ts';
import { type ParserEvents, ResponseParser } from './response-parser.ts';
import { startUpload } from './upload.ts';
import { WireError } from './wire-error.ts';

/** Who asked: told `onBegin` first, `onEnd` or `onError` last and once. Nothing of it may throw; what does fails its own exchange. */
export interface ResponseHandler {
  /** It goes on a connection now. */
  onBegin(controller: Controller): void;
  /** It has been written whole. */
  onSent(): void;
  /** Of interim answers, too. */
  onHead(head: ResponseHead, controller: Controller): void;
  /** The piece is the handler's to keep, or to give back (pieces.ts). */
  onData(piece: Buffer): void;
  /** @param trailers flat */
  onEnd(trailers: readonly string[]): void;
  /** @param stale whether the connection broke that had carried an answer before, without a byte of this one */
  onError(error: Error, stale: boolean): void;
}

export interface ConnectionEvents {
  /** It can carry another request. @param answer the one that has just ended; undefined where nothing was sent, and it is as it was */
  onIdle(connection: Connection, answer: Pick<ResponseHead, 'idleSeconds'> | undefined): void;
  /** It is no more. */
  onGone(connection: Connection): void;
}

export class Connection implements Controller, ParserEvents {
  readonly #socket: Socket;
  readonly #events: ConnectionEvents;
  readonly #parser = new ResponseParser(this);
  /** When it becomes too old to be used, by the clock of its pool, which sets it; 0 before its first answer. */
  until = 0;
  /** Whether the bytes that come are good only while they are being taken. */
  #lent = false;
  #handler: ResponseHandler | undefined;
  #hold: Hold | undefined;
  #answered = 0;
  #head: ResponseHead | undefined;
  #idle = 0;
  #watched = false;
  #paused = false;
  #stopUpload: (() => void) | undefined;
  #error: Error | undefined;
  /** What the answer that has just ended says of the connection, until it is known that nothing came behind it. */
  #kept: ResponseHead | undefined;

  /** @param socket which is open, and which nobody else listens to */
  constructor(socket: Socket, events: ConnectionEvents) {
    this.#socket = socket;
    this.#events = events;
    socket
      .on('error', (error) => {
        this.#error = error;
      })
      .on('end', () => this.#ended())
      .on('close', () => this.#closed())
      .on('timeout', () => this.#silent());
  }

  /** Whether a request may be sent on it. */
  get usable(): boolean {
    return !this.#socket.destroyed && this.#socket.readable && this.#socket.writable && !this.#handler;
  }

  /** Sends a request. Only where it is `usable`. */
  send(request: WireRequest, handler: ResponseHandler): void {
    const { body } = request;
    let head: RequestHead;
    try {
      head = requestHead(request);
    } catch (error) {
      body?.destroy();
      this.#events.onIdle(this, undefined);
      handler.onError(error as Error, false);
      return;
    }
    this.#handler = handler;
    this.#idle = request.idle;
    const hold = new Hold(this);
    this.#hold = hold;
    try {
      handler.onBegin(hold);
      if (this.#hold !== hold) body?.destroy();
      else if (body) this.#upload(request.method, head, body);
      else atEndOfTurn(() => this.#write(request.method, head, hold));
    } catch (error) {
      body?.destroy();
      if (this.#hold === hold) this.#fail(error as Error, false);
    }
  }

  /** Unless it was given up meanwhile. */
  #write(method: string, { text }: RequestHead, hold: Hold): void {
    if (this.#hold !== hold) return;
    this.#parser.expect(method);
    this.#socket.write(text + noBody(method), 'latin1');
    this.#sent();
  }

  #upload(method: string, head: RequestHead, body: Readable): void {
    this.#stopUpload = startUpload(this.#socket, head, body, {
      onBegin: () => this.#parser.expect(method),
      onSent: () => {
        this.#stopUpload = undefined;
        this.#sent();
      },
      onError: (error) => {
        this.#stopUpload = undefined;
        this.#fail(error, false);
      },
    });
  }

  #sent(): void {
    try {
      this.#handler?.onSent();
    } catch (error) {
      this.#fail(error as Error, false);
    }
  }

  /** What has come. @param lent whether the bytes are good only until this returns. @param more whether others may be at hand already */
  take(bytes: Buffer, lent: boolean, more: boolean): void {
    // Of an answer that nobody has asked for, or has not asked for yet, nothing can be made.
    if (!this.#parser.awaits) {
      this.#fail(closed(), true);
      this.#socket.destroy();
      return;
    }
    this.#lent = lent;
    let taken: number;
    try {
      taken = this.#parser.take(bytes);
    } catch (error) {
      this.#fail(error as Error, false);
      // Where the handler threw at the end, there is no exchange that could fail any more.
      this.#socket.destroy();
      return;
    }
    if (taken < bytes.length) this.destroy();
    // Those that are no part of this answer must not become the next one's.
    else if (this.#kept && more) setImmediate(() => this.#keep());
    else if (this.#kept) this.#keep();
    else if (this.#handler && this.#head && !this.#watched) {
      this.#watched = true;
      this.#socket.setTimeout(this.#idle);
    }
    // Paused, resumed and paused again before it was ever read, it is read nevertheless: node's `resume` begins in the next turn.
    if (this.#paused) this.#socket.pause();
  }

  pause(): void {
    if (!this.#handler || this.#paused) return;
    this.#paused = true;
    this.#socket.pause();
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    // It was not the service that was silent.
    if (this.#watched) this.#socket.setTimeout(this.#idle);
    this.#socket.resume();
  }

  abort(reason: Error): void {
    this.#fail(reason, false);
  }

  /** Closes it now; an exchange under way fails. */
  destroy(reason?: Error): void {
    if (this.#handler) this.#fail(reason ?? closed(), false);
    else this.#socket.destroy();
  }

  onHead(head: ResponseHead): void {
    if (head.status >= 200) this.#head = head;
    if (this.#hold) this.#handler?.onHead(head, this.#hold);
  }

  onData(piece: Buffer): void {
    this.#handler?.onData(this.#lent ? copied(piece) : piece);
  }

  onEnd(trailers: readonly string[]): void {
    const [handler, head] = [this.#handler, this.#head];
    this.#answered += 1;
    // A service that answered before it had the whole request might never read the rest, or take it for another one.
    const persists = head?.persists === true && this.#stopUpload === undefined && this.#socket.writableLength === 0;
    this.#settle();
    if (persists) this.#kept = head;
    else this.#socket.destroy();
    handler?.onEnd(trailers);
  }

  #keep(): void {
    const answer = this.#kept;
    this.#kept = undefined;
    if (this.usable) this.#events.onIdle(this, answer);
    else this.#socket.destroy();
  }

  #ended(): void {
    if (this.#parser.end()) return;
    this.#error ??= closed();
    this.#socket.destroy();
  }

  #closed(): void {
    this.#events.onGone(this);
    this.#fail(this.#error ?? closed(), true);
  }

  #silent(): void {
    if (this.#handler && !this.#paused) this.#fail(new WireError('WIRE_SILENT', `nothing came for ${this.#idle} ms`), false);
  }

  /** @param broke whether it was the connection's fault */
  #fail(error: Error, broke: boolean): void {
    const handler = this.#handler;
    if (!handler) return;
    const written = this.#parser.awaits;
    const stale = broke && this.#answered > 0 && !(written && this.#parser.started);
    this.#settle();
    // One whose request was given up before it was sent is as it was.
    if (written || broke) this.#socket.destroy();
    else this.#keep();
    handler.onError(error, stale);
  }

  #settle(): void {
    this.#handler = undefined;
    this.#head = undefined;
    this.#hold?.letGo();
    this.#hold = undefined;
    this.#parser.stop();
    this.#stopUpload?.();
    this.#stopUpload = undefined;
    if (this.#watched) {
      this.#watched = false;
      this.#socket.setTimeout(0);
    }
    if (this.#paused) {
      this.#paused = false;
      this.#socket.resume();
    }
  }
}

const closed = (): WireError => new WireError('WIRE_CLOSED', 'the connection was closed before the answer was whole');
