/** A batch on its way to a peer: Eureka's `POST /peerreplication/batch/`, on one connection, and what the answer means. */
import { Client, errors } from 'undici';
import { readAnswer } from '../registry/answer-body.ts';
import { type Fields, fieldsOf } from '../registry/fields.ts';

/** Milliseconds: Eureka's `peerNodeConnectTimeoutMs` and `peerNodeReadTimeoutMs`. */
const CONNECT_TIMEOUT = 1_000;
const READ_TIMEOUT = 5_000;
/** Milliseconds for a whole batch with its answer, however it trickles. */
const TIMEOUT = 10_000;

/** Bytes of an answer: each item may come with an instance. */
const LARGEST = 32 * 1024 * 1024;

/** Milliseconds a connection is kept between two batches, less than servers do. */
const KEEP_ALIVE = 30_000;

/** The registry that gets its own batch answers so (RFC 9110, section 15.5.20), with its identity: others answer so too. */
export const MISDIRECTED = 421;
export const IDENTITY = 'discoveryidentity-id';

/** A peer that is busy, draining or behind somebody who cannot reach it: the same batch may be taken later. */
const PASSING = new Set([307, 408, MISDIRECTED, 429, 502, 503, 504]);

const LATE = [errors.HeadersTimeoutError, errors.BodyTimeoutError];

export type Outcome =
  /** One answer for each item: `statusCode`, and `responseEntity` with an instance where the peer knows a newer one. */
  | { readonly kind: 'answered'; readonly answers: readonly Fields[] }
  /** `unreachable` and `congested` may be tried again, the latter less soon; `refused` may not; `itself` is no peer, for now. */
  | { readonly kind: 'unreachable' | 'congested' | 'refused' | 'itself'; readonly why: string };

export class PeerWire {
  readonly #client: Client;
  readonly #path: string;
  readonly #identity: string;
  readonly #timeout: number;

  /** @param url up to `/eureka` or `/eureka/v2` @param identity by which the sender knows a batch of its own @param timeout in milliseconds */
  constructor(url: string, identity: string, timeout = TIMEOUT) {
    const { origin, pathname } = new URL(url);
    this.#client = new Client(origin, {
      connect: { timeout: CONNECT_TIMEOUT },
      headersTimeout: READ_TIMEOUT,
      bodyTimeout: READ_TIMEOUT,
      keepAliveTimeout: KEEP_ALIVE,
    });
    this.#path = `${pathname.replace(/\/+$/, '')}/peerreplication/batch/`;
    this.#identity = identity;
    this.#timeout = timeout;
  }

  /** Never rejects. @param items in JSON */
  async send(items: readonly string[]): Promise<Outcome> {
    try {
      const response = await this.#client.request({
        method: 'POST',
        path: this.#path,
        headers: {
          'content-type': 'application/json',
          accept: 'application/json',
          'user-agent': 'postern',
          'x-netflix-discovery-replication': 'true',
          'discoveryidentity-name': 'Postern',
          [IDENTITY]: this.#identity,
        },
        signal: AbortSignal.timeout(this.#timeout),
        body: `{"replicationList":[${items.join(',')}]}`,
      });
      const text = (await readAnswer(response.body, LARGEST)).toString('utf8');
      const { statusCode, headers } = response;
      if (statusCode === MISDIRECTED && headers[IDENTITY] === this.#identity) return { kind: 'itself', why: 'the registry itself' };
      return outcomeOf(statusCode, text, items.length);
    } catch (error) {
      const late = LATE.some((kind) => error instanceof kind) || (error instanceof DOMException && error.name === 'TimeoutError');
      return { kind: late ? 'congested' : 'unreachable', why: error instanceof Error ? error.message : String(error) };
    }
  }

  close(): void {
    // What is under way is given up: who closes has nobody left to tell of its end.
    this.#client.destroy().catch(() => {});
  }
}

function outcomeOf(status: number, text: string, count: number): Outcome {
  if (PASSING.has(status)) return { kind: 'congested', why: `answered ${status}` };
  if (status < 200 || status >= 300) return { kind: 'refused', why: `answered ${status}: ${text.slice(0, 200).trim()}` };
  try {
    const list = fieldsOf(JSON.parse(text))['responseList'];
    if (Array.isArray(list) && list.length === count) return { kind: 'answered', answers: list.map(fieldsOf) };
  } catch {}
  return { kind: 'refused', why: 'did not answer as Eureka does' };
}
