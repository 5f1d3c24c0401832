/** The event stream of the admin port, read with `fetch`: an EventSource can send no token, and says nothing of why it was refused. */
import { authorization } from './token.js';

/** Where the admin port is, also behind a proxy that puts it under a path. */
export const api = new URL('../../', import.meta.url);

/** Milliseconds of the first pause before another try and of the longest; they double between. */
const AGAIN = 1_000;
const LONGEST_PAUSE = 15_000;

/** Milliseconds without an event, which come every second. */
const SILENCE = 8_000;

/** Milliseconds that a page nobody looks at goes on reading. */
const UNSEEN = 60_000;

/**
 * @typedef {{ is: 'connecting' | 'live' | 'full' | 'locked' } | { is: 'lost', since: number, again: number }} Connection
 * @typedef {object} Listener
 * @property {(event: string, data: any) => void} event
 * @property {(connection: Connection) => void} connection
 */

/** @param {Listener} listener @returns {{ retry(): void }} */
export function follow(listener) {
  let pause = AGAIN;
  let lostSince = 0;
  /** @type {AbortController | undefined} */
  let reading;
  /** @type {number | undefined} */
  let timer;

  async function read() {
    clearTimeout(timer);
    reading?.abort();
    const mine = new AbortController();
    reading = mine;
    try {
      const response = await fetch(new URL('events', api), { headers: authorization(), cache: 'no-store', signal: mine.signal });
      if (response.status === 401 || response.status === 403) return listener.connection({ is: 'locked' });
      if (response.status === 503) return later({ is: 'full' });
      if (!response.ok || !response.body) throw new Error(`events: ${response.status}`);
      await take(response.body, mine);
      throw new Error('events: closed');
    } catch {
      if (reading !== mine) return;
      lostSince ||= Date.now();
      later({ is: 'lost', since: lostSince, again: Date.now() + pause });
    }
  }

  /** @param {Connection} connection */
  function later(connection) {
    listener.connection(connection);
    timer = setTimeout(read, pause);
    pause = Math.min(LONGEST_PAUSE, pause * 2);
  }

  /** @param {ReadableStream<Uint8Array<ArrayBuffer>>} body @param {AbortController} mine */
  async function take(body, mine) {
    const reader = body.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    let silence = setTimeout(() => mine.abort(), SILENCE);
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        clearTimeout(silence);
        silence = setTimeout(() => mine.abort(), SILENCE);
        const events = (text + value).split('\n\n');
        text = events.pop() ?? '';
        for (const event of events) tell(event);
      }
    } finally {
      clearTimeout(silence);
    }
  }

  /** @param {string} text of one event */
  function tell(text) {
    const [, name, data] = /^event: (.*)\ndata: (.*)$/.exec(text) ?? [];
    if (name === undefined || data === undefined) return;
    pause = AGAIN;
    lostSince = 0;
    listener.event(name, JSON.parse(data));
    listener.connection({ is: 'live' });
  }

  function stop() {
    clearTimeout(timer);
    const former = reading;
    reading = undefined;
    former?.abort();
  }

  // A browser opens six connections to a server: tabs in the background must not hold them all.
  /** @type {number | undefined} */
  let unseen;
  document.addEventListener('visibilitychange', () => {
    clearTimeout(unseen);
    if (document.hidden) unseen = setTimeout(stop, UNSEEN);
    else if (!reading) read();
  });
  read();
  return {
    retry() {
      pause = AGAIN;
      read();
    },
  };
}
