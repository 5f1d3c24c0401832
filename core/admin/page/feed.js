/** The event stream of the admin port, read with `fetch`: an EventSource can send no token, and says nothing of why it was refused. */
import { eventOf } from './event-text.js';
import { authorization, token } from './token.js';

/** Where the admin port is, also behind a proxy that puts it under a path. */
export const api = new URL('../../', import.meta.url);

/** Milliseconds of the first pause before another try and of the longest; they double between. */
const AGAIN = 1_000;
const LONGEST_PAUSE = 15_000;

/** Milliseconds without an event, which come every second, or without an answer: as where the browser has no connection left. */
const SILENCE = 8_000;

/** Milliseconds that a page nobody looks at goes on reading. */
const UNSEEN = 15_000;

/**
 * @typedef {{ is: 'connecting' | 'live' | 'full' } | { is: 'locked', wrong: boolean } | { is: 'lost', since: number, again: number }} Connection
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
    const silence = patience(() => mine.abort());
    try {
      const response = await fetch(new URL('events', api), { headers: authorization(), cache: 'no-store', signal: mine.signal });
      if (response.status === 401 || response.status === 403) return listener.connection({ is: 'locked', wrong: token() !== undefined });
      if (response.status === 503) return later({ is: 'full' });
      if (!response.ok || !response.body) throw new Error(`events: ${response.status}`);
      await take(response.body, silence.again);
      throw new Error('events: closed');
    } catch {
      if (reading !== mine) return;
      lostSince ||= Date.now();
      later({ is: 'lost', since: lostSince, again: Date.now() + pause });
    } finally {
      silence.end();
    }
  }

  /** @param {Connection} connection */
  function later(connection) {
    listener.connection(connection);
    timer = setTimeout(read, pause);
    pause = Math.min(LONGEST_PAUSE, pause * 2);
  }

  /** @param {ReadableStream<Uint8Array<ArrayBuffer>>} body @param {() => void} heard */
  async function take(body, heard) {
    const reader = body.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      heard();
      const events = (text + value).split('\n\n');
      text = events.pop() ?? '';
      for (const event of events) tell(event);
    }
  }

  /** @param {string} text of one event */
  function tell(text) {
    const event = eventOf(text);
    if (!event) return;
    pause = AGAIN;
    lostSince = 0;
    listener.event(event.name, event.data);
    listener.connection({ is: 'live' });
  }

  function stop() {
    clearTimeout(timer);
    const former = reading;
    reading = undefined;
    former?.abort();
  }

  /** What is seen until the first event is of before. */
  function begin() {
    pause = AGAIN;
    listener.connection({ is: 'connecting' });
    read();
  }

  // A browser opens six connections to a server: tabs in the background must not hold them all, nor those that begin there.
  /** @type {number | undefined} */
  let unseen;
  document.addEventListener('visibilitychange', () => {
    clearTimeout(unseen);
    if (document.hidden) unseen = setTimeout(stop, UNSEEN);
    else if (!reading) begin();
  });
  if (!document.hidden) begin();
  return { retry: begin };
}

/** @param {() => void} lost called when nothing comes for too long */
function patience(lost) {
  let timer = setTimeout(lost, SILENCE);
  const end = () => clearTimeout(timer);
  return {
    again() {
      end();
      timer = setTimeout(lost, SILENCE);
    },
    end,
  };
}
