/** Server-sent events (HTML standard, 9.2.6) from the bytes of an answer, as far as a registry writes them: lines end with LF or CRLF. */
export interface ServerSentEvent {
  /** `message` where none is given. */
  readonly event: string;
  readonly data: string;
}

export class EventReader {
  readonly #longest: number;
  readonly #decoder = new TextDecoder();
  /** The beginning of a line whose end has not come yet. */
  #rest = '';
  #event = '';
  #data = '';

  /** @param longest characters of one event, or of one line */
  constructor(longest: number) {
    this.#longest = longest;
  }

  /** The events that end in this chunk. @throws when one is too long */
  take(chunk: Uint8Array): ServerSentEvent[] {
    const events: ServerSentEvent[] = [];
    const [first = '', ...others] = this.#decoder.decode(chunk, { stream: true }).split('\n');
    // Only joined until the line is whole: who sends a byte at a time must not have all of it read anew with each.
    this.#rest += first;
    for (const next of others) {
      this.#line(this.#rest.replace(/\r$/, ''), events);
      this.#rest = next;
    }
    if (this.#rest.length + this.#data.length > this.#longest) throw new Error(`an event is longer than ${this.#longest} characters`);
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
