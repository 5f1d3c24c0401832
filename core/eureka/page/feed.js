/** What the registry has, and every change of it: all applications once, then the event stream, or by asking where that is full. */

/** Where Eureka's API is, also behind a proxy that puts it under a path. */
const api = new URL('../', import.meta.url);

/** Milliseconds between two looks at the state of the registry. */
export const INTERVAL = 5_000;

/** Milliseconds after which an answer no longer comes. */
const PATIENCE = 20_000;

/** Looks after which a full stream is tried again. */
const TRY_AGAIN = 6;

/** Milliseconds that a page nobody looks at keeps its place among the readers. */
const UNSEEN = 60_000;

/**
 * @typedef {'connecting' | 'live' | 'asking' | 'waiting' | 'lost'} Connection
 * @typedef {object} Listener
 * @property {(applications: any[]) => void} all
 * @property {(instance: any, gone: boolean) => void} change
 * @property {(summary: any) => void} summary
 * @property {(connection: Connection) => void} connection
 */

/** @param {string} path @returns {Promise<any>} */
export async function read(path) {
  const response = await fetch(new URL(path, api), {
    // As it is now: an answer from before the last event would take that back.
    headers: { accept: 'application/json', 'cache-control': 'no-cache' },
    cache: 'no-store',
    redirect: 'error',
    signal: AbortSignal.timeout(PATIENCE),
  });
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return response.json();
}

/** @param {Listener} listener */
export function follow(listener) {
  /** @type {EventSource | undefined} */
  let stream;
  /** Changes that come while all applications are on their way; afterwards they are newer than those. @type {any[] | undefined} */
  let early;
  /** Counts the loads: of two under way the later one is right. */
  let load = 0;
  /** What the registry was seen to be at. */
  let seen = { version: -1, uptime: 0 };
  /** The version that the last look found ahead of the stream. @type {number | undefined} */
  let ahead;
  let looks = 0;
  /** Whether the registry does not know yet who is there, and says nothing of it. */
  let waiting = false;
  let running = false;
  /** @type {number | undefined} */
  let timer;

  async function loadAll() {
    load += 1;
    const mine = load;
    early = [];
    const { applications } = await read('apps');
    if (mine !== load) return;
    listener.all(applications.application);
    for (const change of early ?? []) tell(change);
    early = undefined;
  }

  /** @param {any} change */
  function tell({ instance, actionType }) {
    listener.change(instance, actionType === 'DELETED');
  }

  function lost() {
    listener.connection('lost');
  }

  function wait() {
    waiting = true;
    close();
    listener.connection('waiting');
  }

  function open() {
    stream?.close();
    waiting = false;
    ahead = undefined;
    const mine = new EventSource(new URL('events', api));
    stream = mine;
    mine.addEventListener('ready', async ({ data }) => {
      seen.version = JSON.parse(data).version;
      try {
        await loadAll();
        if (stream === mine) listener.connection('live');
      } catch {
        if (stream !== mine) return;
        close();
        seen.version = -1;
        lost();
      }
    });
    mine.addEventListener('change', ({ data }) => {
      const change = JSON.parse(data);
      seen.version = change.version;
      if (early) early.push(change);
      else tell(change);
    });
    mine.addEventListener('error', () => {
      if (mine.readyState !== EventSource.CLOSED) return lost();
      // Refused, not broken: the browser does not try again.
      if (stream === mine) stream = undefined;
      looks = 0;
      look();
    });
  }

  function close() {
    stream?.close();
    stream = undefined;
  }

  async function look() {
    clearTimeout(timer);
    try {
      const summary = await read('summary');
      if (!running) return;
      listener.summary(summary);
      if (!summary.ready) wait();
      else if (waiting) open();
      else if (stream) checkStream(summary);
      else await ask(summary);
    } catch {
      if (running) lost();
    }
    clearTimeout(timer);
    if (running) timer = setTimeout(look, INTERVAL);
  }

  /** A stream that is open and tells nothing of what happens leads nowhere. @param {any} summary */
  function checkStream({ version }) {
    const behind = stream?.readyState === EventSource.OPEN && !early && seen.version < version;
    if (behind && ahead !== undefined && seen.version < ahead) return open();
    ahead = behind ? version : undefined;
    if (stream?.readyState === EventSource.OPEN && !early) listener.connection('live');
  }

  /** @param {any} summary */
  async function ask({ version, uptime }) {
    looks += 1;
    const restarted = uptime < seen.uptime;
    if (version !== seen.version || restarted) await loadAll();
    if (!running) return;
    seen = { version, uptime };
    listener.connection('asking');
    if (looks % TRY_AGAIN === 0) open();
  }

  function start() {
    if (running) return;
    running = true;
    open();
    look();
  }

  function stop() {
    running = false;
    clearTimeout(timer);
    close();
    load += 1;
    early = undefined;
  }

  // A browser opens six connections to a server: tabs in the background must not hold them all.
  /** @type {number | undefined} */
  let unseen;
  document.addEventListener('visibilitychange', () => {
    clearTimeout(unseen);
    if (document.hidden) unseen = setTimeout(stop, UNSEEN);
    else start();
  });
  start();
}
