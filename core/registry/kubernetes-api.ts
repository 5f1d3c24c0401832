/** Questions to a cluster's API server, as the gateway's service account: lists, and watches as they go on. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Agent, type Dispatcher } from 'undici';
import type { KubernetesConfig } from '../config/schema/index.ts';
import { readAnswer } from './answer-body.ts';
import { fieldsOf } from './fields.ts';
import { Lines } from './lines.ts';

/** Bytes of one answer that is no watch. */
const LARGEST = 16 * 1024 * 1024;
/** Characters of one event, which has a slice of at most 1000 endpoints. */
const LONGEST = 4 * 1024 * 1024;
/** Characters of the server's own words that are passed on. */
const QUOTED = 300;

/** What the server has forgotten (410): a version from which nobody can go on, so that all is to be listed anew. */
export class Gone extends Error {}

export interface Patience {
  /** Milliseconds to the end of an answer, and to the first byte of a watch. */
  readonly answer: number;
  /** Milliseconds of silence in a watch, after which its connection is taken for dead. */
  readonly silence: number;
  /** Milliseconds after a failure, half of them by chance. */
  readonly pause: number;
}

export class KubernetesApi {
  readonly #config: KubernetesConfig;
  readonly #patience: Patience;
  readonly #over = new AbortController();
  #agent: Agent | undefined;
  /** The authorities that the agent trusts. */
  #ca: string | undefined;

  constructor(config: KubernetesConfig, patience: Patience) {
    this.#config = config;
    this.#patience = patience;
  }

  /** The gateway's own. @throws where the service account says none */
  get namespace(): string {
    return this.#config.namespace ?? this.#account('namespace');
  }

  /** Ends what is under way. */
  close(): void {
    this.#over.abort();
    void this.#agent?.destroy();
  }

  /** @param path with the query. @throws Gone */
  async get(path: string): Promise<unknown> {
    const { answer } = this.#patience;
    const late = new Deadline(answer, `no whole answer within ${answer} ms`);
    try {
      const { body } = await this.#request(path, late);
      return await jsonOf(body);
    } finally {
      late.stop();
    }
  }

  /**
   * The events until the server ends the watch, those together that came together.
   *
   * @throws Gone, and when the server says that something is wrong
   */
  async *watch(path: string): AsyncIterable<readonly unknown[]> {
    const { answer, silence } = this.#patience;
    const late = new Deadline(answer, `no answer within ${answer} ms`);
    const quiet = new Deadline(silence, `the watch was silent for ${silence} ms`);
    try {
      const { body } = await this.#request(path, late, quiet);
      late.stop();
      const lines = new Lines();
      for await (const chunk of body as AsyncIterable<Buffer>) {
        quiet.renew();
        const events = lines
          .take(chunk)
          .filter((line) => line !== '')
          .map(parsed);
        if (lines.pending > LONGEST) throw new Error(`an event is longer than ${LONGEST} characters`);
        const failed = events.map(fieldsOf).findIndex(({ type }) => type === 'ERROR');
        yield failed === -1 ? events : events.slice(0, failed);
        if (failed !== -1) throw failureOf('the watch ended', fieldsOf(events[failed])['object']);
      }
    } finally {
      late.stop();
      quiet.stop();
    }
  }

  async #request(path: string, ...deadlines: readonly Deadline[]): Promise<Dispatcher.ResponseData> {
    const { api } = this.#config;
    const signal = AbortSignal.any([this.#over.signal, ...deadlines.map((deadline) => deadline.signal)]);
    const response = await this.#connections().request({
      origin: api,
      method: 'GET',
      path,
      // Read each time: the cluster renews it.
      headers: { accept: 'application/json', authorization: `Bearer ${this.#account('token')}`, 'user-agent': 'postern' },
      headersTimeout: 0,
      bodyTimeout: 0,
      signal,
    });
    if (response.statusCode === 200) return response;
    const status = await jsonOf(response.body).catch(() => undefined);
    throw failureOf(`${api} answered ${response.statusCode}`, { code: response.statusCode, ...fieldsOf(status) });
  }

  /** Which trust the cluster's own authority, where there is one, as it is now; otherwise those that everybody trusts. */
  #connections(): Agent {
    const ca = existsSync(join(this.#config.account, 'ca.crt')) ? this.#account('ca.crt') : undefined;
    if (this.#agent && ca === this.#ca) return this.#agent;
    void this.#agent?.destroy();
    this.#ca = ca;
    this.#agent = new Agent({ connect: ca === undefined ? {} : { ca }, allowH2: false });
    return this.#agent;
  }

  #account(file: string): string {
    return readFileSync(join(this.#config.account, file), 'utf8').trim();
  }
}

/** Aborts its signal when it is not stopped or renewed in time. */
class Deadline {
  readonly #over = new AbortController();
  readonly #timer: NodeJS.Timeout;

  constructor(milliseconds: number, why: string) {
    this.#timer = setTimeout(() => this.#over.abort(new Error(why)), milliseconds).unref();
  }

  get signal(): AbortSignal {
    return this.#over.signal;
  }

  renew(): void {
    this.#timer.refresh();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}

/** @param status the API's object of that name (meta/v1), as far as it is one */
function failureOf(what: string, status: unknown): Error {
  const { code, message } = fieldsOf(status);
  const why = typeof message === 'string' ? `${what}: ${message.slice(0, QUOTED)}` : what;
  return code === 410 ? new Gone(why) : new Error(why);
}

function parsed(text: string): unknown {
  return JSON.parse(text);
}

async function jsonOf(body: AsyncIterable<Buffer>): Promise<unknown> {
  return parsed((await readAnswer(body, LARGEST)).toString('utf8'));
}
