/** The servers of a Eureka cluster: one is asked as long as it answers, then the next. */
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { request } from 'undici';
import { readAnswer } from './answer-body.ts';
import { NotYet } from './source.ts';

/** Milliseconds for a whole answer; Netflix's client reads for 8 s after connecting for 5. */
const TIMEOUT = 10_000;
/** Bytes of an answer, compressed or not. */
const LARGEST = 64 * 1024 * 1024;

/** Characters of a refusal that are told on. */
const REASON = 200;

/** Milliseconds until a stream of events begins. */
const PATIENCE = 10_000;

const unzip = promisify(gunzip);

/** A header of Postern's registry, beside the 403 with which any Eureka refuses to say who is there, and what it says at its start. */
export const STANDING = 'postern-registry';
export const STARTING = 'starting';

/** A server that answered, but not with what was asked for. */
export class EurekaRefusal extends Error {
  readonly status: number;

  constructor(url: string, status: number, reason = '') {
    super(`${url} answered ${status}${reason === '' ? '' : `: ${reason}`}`);
    this.name = 'EurekaRefusal';
    this.status = status;
  }
}

/** What a server is told. */
export interface Telling {
  readonly method: 'POST' | 'PUT' | 'DELETE';
  /** Such as `/apps/ORDERS`. */
  readonly path: string;
  readonly document?: object;
  /** The statuses of answers that settle it; at any other the next server is told. */
  readonly settled: readonly number[];
  /** Milliseconds for all servers together, of which each gets its share; unless given, each has as long as for any answer. */
  readonly within?: number;
}

export class EurekaServers {
  readonly #urls: readonly string[];
  /** The one that answered last. */
  #current = 0;

  /** @param urls each up to `/eureka` or `/eureka/v2` */
  constructor(urls: readonly string[]) {
    this.#urls = urls.map((url) => url.replace(/\/+$/, ''));
  }

  /** The one in use. */
  get current(): string | undefined {
    return this.#urls[this.#current];
  }

  /** Another one is in use from now on. */
  use(url: string): void {
    this.#current = Math.max(0, this.#urls.indexOf(url));
  }

  /** The one so many behind the one in use. */
  after(steps: number): string | undefined {
    return this.#urls[(this.#current + steps) % this.#urls.length];
  }

  /**
   * The JSON at a path such as `/apps`, from the first server that has it.
   *
   * @throws NotYet when one of them is about to have it, otherwise what the last of them said
   */
  get(path: string, signal: AbortSignal): Promise<unknown> {
    return this.#first((url) => fetchJson(`${url}${path}`, signal), signal);
  }

  /**
   * Tells the first server that takes it; resolves with the status of its answer.
   *
   * @throws what the last of them said, when none takes it
   */
  tell(telling: Telling, signal: AbortSignal): Promise<number> {
    const { within } = telling;
    const each = within === undefined ? TIMEOUT : within / this.#urls.length;
    return this.#first((url) => tell(url, telling, AbortSignal.any([signal, AbortSignal.timeout(each)])), signal);
  }

  async #first<Answer>(ask: (url: string) => Promise<Answer>, signal: AbortSignal): Promise<Answer> {
    let problem: unknown = signal.aborted ? signal.reason : new Error('no server is configured');
    for (let tried = 0; tried < this.#urls.length && !signal.aborted; tried += 1) {
      const at = (this.#current + tried) % this.#urls.length;
      try {
        const answer = await ask(`${this.#urls[at]}`);
        this.#current = at;
        return answer;
      } catch (error) {
        if (!(problem instanceof NotYet)) problem = error;
      }
    }
    throw problem;
  }
}

/**
 * The stream of server-sent events at a server's `/events`.
 *
 * @throws EurekaRefusal when it has none
 */
export async function openEvents(server: string, signal: AbortSignal): Promise<AsyncIterable<Buffer>> {
  const url = `${server}/events`;
  const { statusCode, headers, body } = await request(url, {
    headers: { accept: 'text/event-stream', 'user-agent': 'postern' },
    signal,
    headersTimeout: PATIENCE,
    bodyTimeout: 0, // whoever reads it watches the beats
    reset: true,
  });
  if (statusCode === 200 && String(headers['content-type']).startsWith('text/event-stream')) return body;
  body.on('error', () => {}).destroy();
  throw new EurekaRefusal(url, statusCode);
}

async function fetchJson(url: string, signal: AbortSignal): Promise<unknown> {
  const response = await request(url, {
    // What is from before an event that was told already would undo it.
    headers: { accept: 'application/json', 'accept-encoding': 'gzip', 'cache-control': 'no-cache', 'user-agent': 'postern' },
    signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT)]),
    reset: true, // half a minute lies between two questions: a kept connection would only be found dead
  });
  const bytes = await readAnswer(response.body, LARGEST);
  if (response.headers[STANDING] === STARTING) throw new NotYet(`${url} does not know yet who is there`);
  if (response.statusCode !== 200) throw new EurekaRefusal(url, response.statusCode);
  const plain = response.headers['content-encoding'] === 'gzip' ? await unzip(bytes, { maxOutputLength: LARGEST }) : bytes;
  try {
    return JSON.parse(plain.toString('utf8'));
  } catch {
    throw new Error(`${url} did not answer with JSON`);
  }
}

async function tell(url: string, { method, path, document, settled }: Telling, signal: AbortSignal): Promise<number> {
  const response = await request(`${url}${path}`, {
    method,
    headers: { accept: 'application/json', 'user-agent': 'postern', ...(document ? { 'content-type': 'application/json' } : {}) },
    body: document ? JSON.stringify(document) : null,
    signal,
    reset: true,
  });
  const said = (await readAnswer(response.body, LARGEST)).toString('utf8');
  if (settled.includes(response.statusCode)) return response.statusCode;
  throw new EurekaRefusal(`${url}${path}`, response.statusCode, said.trim().slice(0, REASON));
}
