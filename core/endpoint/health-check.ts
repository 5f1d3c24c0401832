/** Active health checks: asks an endpoint again and again whether it is well, on a connection of its own. */
import { type buildConnector, Client } from 'undici';
import type { Clock, Random } from '../clock.ts';
import { opener, serverNameOf } from './opener.ts';

export interface HealthCheckOptions {
  path: string;
  /** Milliseconds from the start of one check to the start of the next. */
  interval: number;
  /** Milliseconds for a whole check, from connecting to the end of the body. */
  timeout: number;
  /** Failures in a row that make it unhealthy. */
  unhealthyAfter: number;
  /** Successes in a row that make it healthy again. */
  healthyAfter: number;
}

export interface HealthCheckContext {
  clock: Clock;
  random: Random;
  /** @param why what the last check found */
  onChange(healthy: boolean, why: string): void;
}

/** Whom it asks. */
export interface Checked {
  readonly url: URL;
  /** What the Host field says; the URL's own unless given. */
  readonly host?: string;
  /** See `serverNameOf`; the URL's own unless given. */
  readonly serverName?: string;
  /** What is known of it already; true unless given. */
  readonly healthy?: boolean;
}

export interface HealthCheck {
  readonly healthy: boolean;
  /** Cancels the check under way and asks no more. */
  stop(): void;
}

/** Bytes of an answer that are read; the rest is cut off. */
const LARGEST_BODY = 64 * 1024;

/** Part of the interval by which it varies either way, so that gateways do not ask in step. */
const JITTER = 0.1;

/** Healthy, where nothing else is known, until enough failures in a row say otherwise, and the other way round. */
export class HealthThreshold {
  healthy: boolean;
  readonly #unhealthyAfter: number;
  readonly #healthyAfter: number;
  /** Checks in a row that contradict `healthy`. */
  #contradictions = 0;

  constructor({ unhealthyAfter, healthyAfter }: Pick<HealthCheckOptions, 'unhealthyAfter' | 'healthyAfter'>, healthy = true) {
    this.healthy = healthy;
    this.#unhealthyAfter = unhealthyAfter;
    this.#healthyAfter = healthyAfter;
  }

  /** Takes in one check; true when it changed `healthy`. */
  observe(passed: boolean): boolean {
    this.#contradictions = passed === this.healthy ? 0 : this.#contradictions + 1;
    if (this.#contradictions < (this.healthy ? this.#unhealthyAfter : this.#healthyAfter) || passed === this.healthy) return false;
    this.healthy = passed;
    this.#contradictions = 0;
    return true;
  }
}

/** Checks at once and then every interval until it is stopped; no timer of it keeps the process alive. */
export function startHealthCheck(
  endpoint: Checked,
  options: HealthCheckOptions,
  { clock, random, onChange }: HealthCheckContext,
): HealthCheck {
  const threshold = new HealthThreshold(options, endpoint.healthy);
  let stopped = false;
  let underway: AbortController | undefined;
  let timer: NodeJS.Timeout | undefined;

  async function run(): Promise<void> {
    const start = clock.now();
    underway = new AbortController();
    const { passed, why } = await check(endpoint, options, underway);
    if (stopped) return;
    const interval = options.interval * (1 + JITTER * (2 * random() - 1));
    timer = setTimeout(run, Math.max(0, start + interval - clock.now())).unref();
    if (threshold.observe(passed)) onChange(passed, why);
  }

  void run();
  return {
    get healthy() {
      return threshold.healthy;
    },
    stop() {
      stopped = true;
      underway?.abort();
      clearTimeout(timer);
    },
  };
}

/** One check on a connection of its own, so that it also finds out whether the endpoint still accepts any. Never rejects. */
async function check(
  { url, host = url.host, serverName = serverNameOf(url.hostname, undefined) }: Checked,
  { path, timeout }: HealthCheckOptions,
  over: AbortController,
): Promise<{ passed: boolean; why: string }> {
  const late = setTimeout(() => over.abort(new Error(`no answer within ${timeout} ms`)), timeout).unref();
  const { signal } = over;
  let client: Client | undefined;
  try {
    client = new Client(url.origin, { connect: cancellable(signal, serverName), headersTimeout: 0, bodyTimeout: 0, allowH2: false });
    const headers = { host, 'user-agent': 'postern-health-check' };
    const { statusCode, body } = await client.request({ method: 'GET', path, headers, reset: true, signal });
    await body.dump({ limit: LARGEST_BODY, signal });
    return { passed: statusCode >= 200 && statusCode < 400, why: `status ${statusCode}` };
  } catch (error) {
    return { passed: false, why: error instanceof Error ? error.message : String(error) };
  } finally {
    clearTimeout(late);
    client?.destroy().catch(() => {});
  }
}

/** undici gives up the request that is aborted, but goes on connecting for it. */
function cancellable(signal: AbortSignal, serverName: string): buildConnector.connector {
  const open = opener(serverName);
  return (options, callback) => {
    try {
      const opening = open(options, callback);
      signal.addEventListener('abort', () => opening?.destroy(signal.reason), { once: true });
    } catch (error) {
      callback(error as Error, null);
    }
  };
}
