/** The servers of a Eureka cluster: one is asked as long as it answers, then the next. */
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { type Dispatcher, request } from 'undici';

/** Milliseconds for a whole answer; Netflix's client reads for 8 s after connecting for 5. */
const TIMEOUT = 10_000;
/** Bytes of an answer, compressed or not. */
const LARGEST = 64 * 1024 * 1024;

const unzip = promisify(gunzip);

/** A server that answered, but not with what was asked for. */
export class EurekaRefusal extends Error {
  readonly status: number;

  constructor(url: string, status: number) {
    super(`${url} answered ${status}`);
    this.name = 'EurekaRefusal';
    this.status = status;
  }
}

export class EurekaServers {
  readonly #urls: readonly string[];
  /** The one that answered last. */
  #current = 0;

  /** @param urls each up to `/eureka` or `/eureka/v2` */
  constructor(urls: readonly string[]) {
    this.#urls = urls.map((url) => url.replace(/\/+$/, ''));
  }

  /**
   * The JSON at a path such as `/apps`, from the first server that has it.
   *
   * @throws what the last of them said, when none has
   */
  async get(path: string, signal: AbortSignal): Promise<unknown> {
    let problem: unknown = new Error('no server is configured');
    for (let tried = 0; tried < this.#urls.length && !signal.aborted; tried += 1) {
      const at = (this.#current + tried) % this.#urls.length;
      try {
        const answer = await fetchJson(`${this.#urls[at]}${path}`, signal);
        this.#current = at;
        return answer;
      } catch (error) {
        problem = error;
      }
    }
    throw problem;
  }
}

async function fetchJson(url: string, signal: AbortSignal): Promise<unknown> {
  const response = await request(url, {
    headers: { accept: 'application/json', 'accept-encoding': 'gzip', 'user-agent': 'postern' },
    signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT)]),
    reset: true, // half a minute lies between two questions: a kept connection would only be found dead
  });
  const bytes = await read(response);
  if (response.statusCode !== 200) throw new EurekaRefusal(url, response.statusCode);
  const plain = response.headers['content-encoding'] === 'gzip' ? await unzip(bytes, { maxOutputLength: LARGEST }) : bytes;
  try {
    return JSON.parse(plain.toString('utf8'));
  } catch {
    throw new Error(`${url} did not answer with JSON`);
  }
}

async function read({ body }: Dispatcher.ResponseData): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LARGEST) throw new Error(`the answer is larger than ${LARGEST} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
