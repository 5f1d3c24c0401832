/** A service that keeps its answers until it is told to give them, and what a gateway counts of its places. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { eventually } from './eventually.ts';
import { scrape } from './prometheus.ts';
import type { Servers } from './servers.ts';

export interface Held {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
}

export interface Holding {
  readonly url: string;
  /** Requests that were not answered yet, in the order in which they came. */
  readonly held: Held[];
  /** Resolves when as many are held. */
  holds(count: number): Promise<unknown>;
  /** Answers the oldest with 200, and its path. */
  answer(): void;
}

export async function holding(servers: Servers): Promise<Holding> {
  const held: Held[] = [];
  const { url } = await servers.upstream((req, res) => void held.push({ req, res }));
  return {
    url,
    held,
    holds: (count) =>
      eventually(
        () => held.length,
        (length) => length === count,
      ),
    answer() {
      const oldest = held.shift();
      oldest?.res.end(oldest.req.url);
    },
  };
}

export interface Places {
  readonly limit: number | undefined;
  readonly inFlight: number | undefined;
  /** By priority. */
  readonly rejected: Readonly<Record<string, number>>;
}

/** What the metrics of a gateway say of a service's places. */
export async function placesOf({ admin }: { admin: string }, service = 'upstream'): Promise<Places> {
  const scraped = await scrape(admin);
  const of = (name: string) =>
    scraped.named(`gateway_concurrency_limit_${name}`).filter(({ labels }) => labels['gateway_service_name'] === service);
  return {
    limit: of('limit')[0]?.value,
    inFlight: of('in_flight')[0]?.value,
    rejected: Object.fromEntries(of('rejected_total').map(({ labels, value }) => [labels['priority'], value])),
  };
}

/** Resolves when nothing is under way at a service any more. */
export const atRest = (gateway: { admin: string }, service?: string): Promise<Places> =>
  eventually(
    () => placesOf(gateway, service),
    ({ inFlight }) => inFlight === 0,
  );
