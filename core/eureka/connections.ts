/** Connections of instances, which send a heartbeat and are silent for half a minute: kept for the next one while they are few. */
import type { Server } from 'node:http';

/** Each costs 14 KB while it waits, and a tenth of a millisecond to be made anew. */
export const MOST_KEPT = 2_000;

/** Beyond so many connections an answer says that its own is closed (`Connection: close`), so that no request meets a closing one. */
export function keepFew(server: Server, most = MOST_KEPT): void {
  let open = 0;
  server.on('connection', (socket) => {
    open += 1;
    socket.once('close', () => {
      open -= 1;
    });
  });
  server.prependListener('request', (_, res) => {
    if (open > most) res.shouldKeepAlive = false;
  });
}
