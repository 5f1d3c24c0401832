/** An open tunnel: the bytes flow by the engine's pipes; this watches over its end, from whichever side it comes. */
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Problem } from '../problem.ts';
import type { Attempt } from './exchange.ts';
import { UpstreamResponse } from './response.ts';

/** What an upgrade that succeeded leaves behind. */
export interface Tunnel {
  readonly client: Socket;
  readonly upstream: Socket;
  /** The service's fields, flat. */
  readonly fields: string[];
  /** Writes the 101 with these fields and joins the two sockets. */
  readonly join: (fields: readonly string[]) => void;
  /** Milliseconds without a byte. */
  readonly idle: number;
  readonly attempt: Attempt;
}

/** The answer to a successful upgrade; `relay` opens the tunnel and resolves when it has closed. */
export class TunnelResponse extends UpstreamResponse {
  readonly #tunnel: Tunnel;

  constructor(tunnel: Tunnel) {
    const { client, upstream, attempt, fields } = tunnel;
    const hangUp = () => {
      client.destroy();
      upstream.destroy();
    };
    super(101, '', fields, { pause() {}, resume() {}, abort: hangUp });
    this.#tunnel = tunnel;
    // Nobody listens to either socket before they are joined.
    upstream.on('error', () => {});
    attempt.whenAborted(hangUp);
    upstream.once('close', () => this.complete([]));
  }

  override async relay(res: ServerResponse): Promise<void> {
    const { client, upstream, join, idle } = this.#tunnel;
    if (upstream.destroyed) throw new Problem('connection-terminated');
    res.statusCode = 101;
    join(this.headers);
    // Either direction passes this socket, so its timeout is the tunnel's.
    client.setTimeout(idle, () => client.destroy());
    await new Promise<void>((resolve) => {
      // The engine pipes both ways, but a pipe passes on an end, never a cut.
      client.once('close', () => {
        upstream.destroy();
        resolve();
      });
      upstream.once('close', () => client.destroySoon());
    });
  }
}
