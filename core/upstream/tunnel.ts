/** An open tunnel: the bytes flow by the engine's pipes; this watches over its end, from whichever side it comes. */
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Attempt } from './exchange.ts';
import { UpstreamResponse } from './response.ts';

/** The answer to a successful upgrade; `relay` resolves when the tunnel has closed. The 101 itself is the wire's to write. */
class TunnelResponse extends UpstreamResponse {
  readonly #closed: Promise<void>;

  constructor(closed: Promise<void>, hangUp: (reason: Error) => void) {
    super(101, '', [], { pause() {}, resume() {}, abort: hangUp });
    this.#closed = closed;
    closed.then(() => this.complete([]));
  }

  override async relay(res: ServerResponse): Promise<void> {
    res.statusCode = 101;
    await this.#closed;
  }
}

export function openTunnel(client: Socket, upstream: Socket, idle: number, attempt: Attempt): UpstreamResponse {
  const closed = new Promise<void>((resolve) => {
    // The engine pipes both ways, but a pipe passes on an end, never a cut.
    client.once('close', () => {
      upstream.destroy();
      resolve();
    });
    upstream.once('close', () => client.destroySoon());
  });
  const hangUp = () => {
    client.destroy();
    upstream.destroy();
  };
  // Either direction passes this socket, so its timeout is the tunnel's.
  client.setTimeout(idle, hangUp);
  attempt.whenAborted(hangUp);
  return new TunnelResponse(closed, hangUp);
}
