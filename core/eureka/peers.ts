/** The other registries of the cluster: each is told all that instances and operators do here, and nothing that a peer told. */
import { randomUUID } from 'node:crypto';
import { isIP } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { Peer, type PeerParts, type PeerState } from './peer.ts';
import { PeerQueue, type Task } from './peer-queue.ts';
import { PeerWire } from './peer-wire.ts';

/** Milliseconds that the end may take. */
const LAST_WORDS = 1_000;

export class Peers {
  /** By which a batch is known that came back to who sent it, as when every machine has one list of all. */
  readonly identity = randomUUID();
  readonly #peers: readonly Peer[];

  /** @param urls each up to `/eureka` or `/eureka/v2` */
  constructor(urls: readonly string[], parts: Pick<PeerParts, 'registry' | 'clock' | 'logger'>) {
    this.#peers = urls.map((url) => new Peer({ ...parts, url, wire: new PeerWire(url, this.identity), queue: new PeerQueue() }));
  }

  get states(): readonly PeerState[] {
    return this.#peers.map(({ state }) => state);
  }

  tell(task: Task): void {
    for (const peer of this.#peers) peer.tell(task);
  }

  /** What they were not told yet, they are told if that is quick. */
  async close(): Promise<void> {
    await Promise.race([Promise.all(this.#peers.map((peer) => peer.flush())), wait(LAST_WORDS, undefined, { ref: false })]);
    for (const peer of this.#peers) peer.close();
  }
}

/** The addresses that stand in the URLs themselves. */
export function addressesOf(urls: readonly string[]): string[] {
  return urls.map((url) => new URL(url).hostname.replace(/^\[(.*)\]$/, '$1')).filter((host) => isIP(host) !== 0);
}
