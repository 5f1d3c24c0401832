/** What a running gateway says of itself on its admin port: the statistics, and the state of each service's circuit. */
import type { Stats } from '../../admin/stats.ts';

export interface Circuit {
  readonly open: boolean;
  readonly inFlight: number;
}

/** @property at when, in milliseconds since 1970 */
export type Told = Stats & { readonly at: number };

export interface Reading {
  readonly stats: Told;
  /** By service; empty where the gateway does not tell, for it has as many readers as it may have. */
  readonly circuits: ReadonlyMap<string, Circuit>;
}

export interface AdminPort {
  readonly url: URL;
  readonly token: string | undefined;
}

export interface Reader {
  /** @throws Error that says what is wrong with the gateway or the address */
  read(window: string): Promise<Reading>;
  /** Resolves once the state of the circuits is known, or will not be. */
  readonly settled: Promise<void>;
  close(): void;
}

/** Milliseconds. */
const PATIENCE = 5_000;
/** The stream has its first events after half a second. */
const FIRST_EVENTS = 2_000;
/** Characters of what has no end yet; no event is as long. */
const LONGEST = 1 << 20;
/** Bytes of statistics, for as many routes as nobody has. */
const LARGEST = 32 << 20;
/** Services, and characters of their names: whatever answers there may be no gateway. */
const MOST = 10_000;
const LONGEST_NAME = 256;

export function createReader(port: AdminPort): Reader {
  const circuits = new Map<string, Circuit>();
  const ending = new AbortController();
  const settled = Promise.withResolvers<void>();
  const timer = setTimeout(settled.resolve, FIRST_EVENTS);
  let following = false;

  const follow = async (): Promise<void> => {
    following = true;
    try {
      const response = await ask(port, '/hystrix.stream?delay=1000', ending.signal);
      for await (const event of eventsOf(response)) {
        if (keep(event, circuits)) settled.resolve();
      }
    } catch {
      // The table does without; the next refresh tries again.
    } finally {
      circuits.clear();
      settled.resolve();
      following = false;
    }
  };

  return {
    settled: settled.promise,
    async read(window) {
      if (!following && !ending.signal.aborted) void follow();
      const response = await ask(port, `/stats?window=${window}&top=50`, AbortSignal.any([ending.signal, AbortSignal.timeout(PATIENCE)]));
      const stats = parsed(await whole(response, port));
      if (!isStats(stats)) throw new Error(`${port.url.origin} answers, but not with statistics: is it the admin port of a gateway?`);
      return { stats, circuits: new Map(circuits) };
    },
    close() {
      clearTimeout(timer);
      ending.abort();
    },
  };
}

async function ask({ url, token }: AdminPort, path: string, signal: AbortSignal): Promise<Response> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const at = new URL(path.slice(1), url);
  // A token goes nowhere else.
  const response = await fetch(at, { headers, signal, redirect: 'error' }).catch((error: unknown) => {
    throw new Error(`${url.origin} does not answer: ${reason(error)}`);
  });
  if (response.ok) return response;
  await response.body?.cancel();
  if (response.status === 401)
    throw new Error(
      `${url.origin} ${token === undefined ? 'asks for a token: --token-file names the file it is in' : 'does not take the token'}`,
    );
  throw new Error(`${url.origin} answers ${at.pathname} with ${response.status}`);
}

/** @throws Error when it breaks off, or does not end */
async function whole({ body }: Response, { url }: AdminPort): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of body ?? []) {
      size += chunk.length;
      if (size > LARGEST) break;
      chunks.push(chunk);
    }
  } catch (error) {
    throw new Error(`${url.origin} broke off its answer: ${reason(error)}`);
  }
  if (size > LARGEST) throw new Error(`${url.origin} answers with more than statistics: is it the admin port of a gateway?`);
  return Buffer.concat(chunks).toString();
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (cause instanceof Error) return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.message;
  return error.name === 'TimeoutError' ? `nothing within ${PATIENCE / 1000} s` : error.message;
}

/** The data of server-sent events, one line each as Hystrix writes them. */
async function* eventsOf({ body }: Response): AsyncGenerator<unknown> {
  if (body === null) return;
  let rest = '';
  for await (const text of body.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > LONGEST) return;
    for (const line of lines) if (line.startsWith('data: ')) yield parsed(line.slice(6));
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function keep(event: unknown, circuits: Map<string, Circuit>): boolean {
  if (!isObject(event) || event['type'] !== 'HystrixCommand') return false;
  const { name } = event;
  if (typeof name !== 'string' || name.length > LONGEST_NAME || (circuits.size >= MOST && !circuits.has(name))) return false;
  circuits.set(name, {
    open: event['isCircuitBreakerOpen'] === true,
    inFlight: Number(event['currentConcurrentExecutionCount']) || 0,
  });
  return true;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null;

/** One that can be written as a date. */
const isTime = (value: unknown): boolean => typeof value === 'number' && Math.abs(value) <= 8.64e15;

const isFigures = (value: unknown): boolean =>
  isObject(value) &&
  typeof value['requests'] === 'number' &&
  typeof value['rate'] === 'number' &&
  isObject(value['statuses']) &&
  isObject(value['errors']) &&
  isObject(value['refused']) &&
  ['p50', 'p99'].every((key) => value[key] === null || typeof value[key] === 'number');

const isList = (value: unknown): boolean =>
  Array.isArray(value) && value.every((one) => isFigures(one) && isObject(one) && typeof one['name'] === 'string');

function isStats(value: unknown): value is Told {
  if (!isObject(value) || typeof value['gateway'] !== 'string' || !isTime(value['at']) || !isFigures(value['total'])) return false;
  return isList(value['routes']) && isList(value['services']) && (isList(value['users']) || isList(value['callers']));
}
