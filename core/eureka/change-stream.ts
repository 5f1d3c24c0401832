/** `GET /events`: every change of the registry as a server-sent event, for whoever would rather be told than ask. */
import { Readable } from 'node:stream';
import type { Registry } from '../registry/registry.ts';
import type { Change } from '../registry/view.ts';
import { instanceDocument } from './document.ts';

/** Readers at once, of all and of one address: nobody is to take the places of the gateways. */
export const MAX_READERS = 64;
const MAX_OF_ONE = 16;

/** Bytes, which all readers share, that one of them may be behind; one further is cut off, comes back and reads everything anew. */
const FARTHEST_BEHIND = 4 * 1024 * 1024;

/** Milliseconds: a reader who hears nothing for longer has lost the connection. */
const HEARTBEAT = 10_000;

const BEAT = Buffer.from(': \n\n');

export class ChangeStream {
  readonly #registry: Registry;
  /** Each with the address that it reads from. */
  readonly #readers = new Map<Readable, string>();
  readonly #stop: () => void;
  readonly #timer: NodeJS.Timeout;

  constructor(registry: Registry) {
    this.#registry = registry;
    this.#stop = registry.onChange((change) => this.#tell(change));
    this.#timer = setInterval(() => {
      for (const reader of this.#readers.keys()) push(reader, BEAT);
    }, HEARTBEAT).unref();
  }

  /**
   * The events for one more reader, from now on; `undefined` when there are as many as there may be. The first is `ready`:
   * who then asks for all applications, with `Cache-Control: no-cache`, misses nothing.
   */
  join(address: string): Readable | undefined {
    const own = this.#readers.values().reduce((count, reader) => count + (reader === address ? 1 : 0), 0);
    if (this.#readers.size >= MAX_READERS || own >= MAX_OF_ONE) return undefined;
    const events = new Readable({ read() {} });
    const { version, hashCode } = this.#registry;
    events.push(event('ready', version, { version, apps__hashcode: hashCode }));
    events.once('close', () => this.#readers.delete(events));
    this.#readers.set(events, address);
    return events;
  }

  /** How many read now. */
  get readers(): number {
    return this.#readers.size;
  }

  close(): void {
    this.#stop();
    clearInterval(this.#timer);
    for (const reader of this.#readers.keys()) reader.push(null);
  }

  #tell({ version, instance }: Change): void {
    if (this.#readers.size === 0) return;
    const { app, id, actionType } = instance;
    const lease = this.#registry.find(app, id);
    // Of one that is gone, its name will do.
    const document = lease ? instanceDocument(lease, 'full') : { app, instanceId: id, status: instance.status, actionType };
    const { hashCode } = this.#registry;
    const bytes = event('change', version, { version, apps__hashcode: hashCode, actionType, instance: document });
    for (const reader of this.#readers.keys()) push(reader, bytes);
  }
}

function event(name: string, id: number, data: object): Buffer {
  return Buffer.from(`event: ${name}\nid: ${id}\ndata: ${JSON.stringify(data)}\n\n`);
}

function push(reader: Readable, bytes: Buffer): void {
  if (reader.readableLength > FARTHEST_BEHIND) reader.destroy();
  else reader.push(bytes);
}
