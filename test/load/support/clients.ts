/** Clients on kept connections and clients on new ones, who notice what a load generator does not tell of: connections that were closed. */
import { Agent, request } from 'node:http';
import type { Socket } from 'node:net';

export interface Noticed {
  requests: number;
  /** Answers but 200, and requests without one. */
  errors: number;
  /** Kept connections that the other side ended. */
  closed: number;
}

export interface Clients {
  readonly kept: Noticed;
  /** Each request on a connection of its own. */
  readonly fresh: Noticed;
  /** Resolves when the last request is answered. */
  stop(): Promise<void>;
}

export function startClients(url: string, { kept: keptCount, fresh: freshCount }: { kept: number; fresh: number }): Clients {
  const [kept, fresh] = [nothing(), nothing()];
  let running = true;
  const agent = new Agent({ keepAlive: true, maxSockets: keptCount });
  const watched = new Set<Socket>();
  const watch = (socket: Socket) => {
    if (watched.has(socket)) return;
    watched.add(socket);
    socket.once('close', () => {
      watched.delete(socket);
      if (running) kept.closed += 1;
    });
  };
  const client = async (counted: Noticed, through: Agent | undefined) => {
    while (running) {
      const status = await ask(url, through, through ? watch : undefined);
      counted.requests += 1;
      if (status !== 200) counted.errors += 1;
    }
  };
  const clients = [
    ...Array.from({ length: keptCount }, () => client(kept, agent)),
    ...Array.from({ length: freshCount }, () => client(fresh, undefined)),
  ];
  return {
    kept,
    fresh,
    async stop() {
      running = false;
      await Promise.all(clients);
      agent.destroy();
    },
  };
}

const nothing = (): Noticed => ({ requests: 0, errors: 0, closed: 0 });

/** The status, 0 where there was none. */
function ask(url: string, agent: Agent | undefined, onSocket: ((socket: Socket) => void) | undefined): Promise<number> {
  return new Promise((resolve) => {
    const sent = request(url, { agent: agent ?? false, headers: agent ? {} : { connection: 'close' } }, (res) => {
      res.on('end', () => resolve(res.statusCode ?? 0)).on('error', () => resolve(0));
      res.resume();
    });
    if (onSocket) sent.on('socket', onSocket);
    sent.on('error', () => resolve(0)).end();
  });
}
