/**
 * One connection of a gateway to the Redis that its other instances count in as well. It is no point of failure: whatever is wrong with
 * it, nobody waits longer than for one command, and until a try succeeds nobody asks it at all.
 */
import { Redis } from 'ioredis';
import { RateLimiterRedis } from 'rate-limiter-flexible';
import type { Clock, Random } from '../clock.ts';
import { stateAddress, withoutPassword } from '../config/state-url.ts';
import type { StateLevels } from '../telemetry/levels.ts';
import type { Logger } from '../telemetry/logger.ts';
import { inTime } from './in-time.ts';

/** Milliseconds that a request waits for an answer at most. */
const COMMAND = 100;
/** Milliseconds for a try: to connect, to be let in, to count once. */
const TRY = 1_000;
/** Milliseconds between tries: the first, and the longest. */
const PAUSE = { first: 100, longest: 5_000 };
/** Characters of what a server says. */
const REASON = 200;
const NO_COUNT = 'what it answers is no count';

export interface SharedState extends StateLevels {
  readonly client: Redis;
  /** What the names of all that is kept begin with. */
  readonly prefix: string;
  /** What is to be told to who asks whether the gateway is ready. */
  readonly note: string;
  /** Resolves when the first try is over, however it ended. */
  readonly tried: Promise<void>;
  /** What a command gives, or a failure past the time that one may take. */
  ask<T>(command: Promise<T>): Promise<T>;
  /** It did not do what it was asked for: from now on nobody asks it, until a try succeeds. */
  failed(error: unknown): void;
  close(): void;
}

export interface SharedStateParts {
  /** The name of the gateway: two gateways of one pair share nothing. */
  readonly gateway: string;
  readonly clock: Pick<Clock, 'now'>;
  readonly random: Random;
  readonly logger: Logger;
}

/** @param url of a Redis, with which nothing is wrong (config/state-url.ts) */
export function connectState(url: string, { gateway, clock, random, logger }: SharedStateParts): SharedState {
  const address = stateAddress(url);
  if (!address) throw new RangeError('there is nothing to connect to');
  const { host, port, tls, username, password, database } = address;
  const shown = withoutPassword(url, '(hidden)');
  const prefix = `postern:${gateway}`;
  const client = new Redis({
    host,
    port,
    db: database,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(tls ? { tls: {} } : {}),
    // What the tries below ask for is all that is asked: whether it may be written to, which INFO does not tell.
    lazyConnect: true,
    enableReadyCheck: false,
    disableClientInfo: true,
    protocol: 2,
    retryStrategy: () => null,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    connectTimeout: TRY,
    // One that is given up is gone by the next try.
    disconnectTimeout: 0,
  });
  const probe = new RateLimiterRedis({ storeClient: client, keyPrefix: prefix, points: Number.MAX_SAFE_INTEGER, duration: 1 });

  let reachable = false;
  let told: boolean | undefined;
  let reason = 'not tried yet';
  /** Since when it is in this state. */
  let since = clock.now();
  let failures = 0;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  /** What the client says apart from its answers. */
  let said: unknown;
  const first = Promise.withResolvers<void>();

  const become = (now: boolean) => {
    reachable = now;
    since = clock.now();
    first.resolve();
    if (now === told || closed) return;
    told = now;
    if (now) logger.info({ event: 'state-reachable', state: shown });
    else logger.warn({ event: 'state-unreachable', state: shown, reason });
  };

  const again = () => {
    if (closed) return;
    const pause = Math.min(PAUSE.longest, PAUSE.first * 2 ** failures);
    failures = Math.min(failures + 1, 16);
    timer = setTimeout(attempt, pause * (0.5 + random() / 2)).unref();
  };

  const attempt = async () => {
    said = undefined;
    const bound = setTimeout(() => {
      said ??= new Error(`no answer in ${TRY} ms`);
      client.disconnect();
    }, TRY).unref();
    try {
      if (client.status !== 'ready') await client.connect();
      // Such as a database that is not there, with which the client goes on in another.
      if (said !== undefined) throw said;
      const { consumedPoints } = await inTime(probe.consume('try'), COMMAND);
      if (!Number.isSafeInteger(consumedPoints)) throw new Error(NO_COUNT);
      become(true);
    } catch (error) {
      reason = reasonOf(said ?? error, password);
      client.disconnect();
      become(false);
      again();
    } finally {
      clearTimeout(bound);
    }
  };

  const failed = (error: unknown) => {
    if (!reachable || closed) return;
    // One that comes and goes is tried ever less often.
    if (clock.now() - since > PAUSE.longest) failures = 0;
    reason = reasonOf(error, password);
    become(false);
    again();
  };

  client.on('error', (error) => {
    said = error;
  });
  client.on('close', () => failed(said ?? new Error('the connection was closed')));
  void attempt();

  return {
    client,
    prefix,
    tried: first.promise,
    get reachable() {
      return reachable;
    },
    get note() {
      return reachable ? `(${shown})` : `(${shown} is not reachable, each instance counts for itself: ${reason})`;
    },
    ask: (command) => inTime(command, COMMAND),
    failed,
    close() {
      closed = true;
      reachable = false;
      clearTimeout(timer);
      client.disconnect();
    },
  };
}

/** Never more than words: the error of a command has its arguments with it, the password too. */
function reasonOf(error: unknown, password: string | undefined): string {
  const text = error instanceof Error ? error.message || error.name : NO_COUNT;
  const safe = password === undefined ? text : text.replaceAll(password, '(hidden)');
  return safe.length > REASON ? `${safe.slice(0, REASON)}...` : safe;
}
