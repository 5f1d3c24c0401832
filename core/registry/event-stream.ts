/** Server-sent events (HTML standard, 9.2.6) from the bytes of an answer, as far as a registry writes them: lines end with LF or CRLF. */
import { Lines } from './lines.ts';

export interface ServerSentEvent {
  /** `message` where none is given. */
  readonly event: string;
  readonly data: string;
}

export class EventReader {
  readonly #longest: number;
  readonly #lines = new Lines();
  #event = '';
  #data = '';

  /** @param longest characters of one event, or of one line */
  constructor(longest: number) {
    this.#longest = longest;
  }

  /** The events that end in this chunk. @throws when one is too long */
  take(chunk: Uint8Array): ServerSentEvent[] {
    const events: ServerSentEvent[] = [];
    for (const line of this.#lines.take(chunk)) this.#line(line, events);
    if (this.#lines.pending + this.#data.length > this.#longest) throw new Error(`an event is longer than ${this.#longest} characters`);
    return events;
  }

  #line(line: string, events: ServerSentEvent[]): void {
    if (line === '') {
      if (this.#data !== '') events.push({ event: this.#event || 'message', data: this.#data });
      this.#event = '';
      this.#data = '';
      return;
    }
    const [, name, value = ''] = /^([^:]*):? ?(.*)$/s.exec(line) ?? [];
    if (name === 'event') this.#event = value;
    if (name === 'data') this.#data += this.#data === '' ? value : `\n${value}`;
  }
}
