/** How long a change of the registry is on its way until a gateway chooses by it. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Client } from 'undici';
import { anInstance, type Population } from './instances.ts';

export interface Way {
  /** Milliseconds from the answer to the registration, and to the deregistration, until the gateway acted by it. */
  readonly came: number;
  readonly left: number;
}

/** The service that is registered in a round, one that nobody called before. */
export const probe = (round: number): string => `probe-${round}`;

/** What a configuration needs for so many rounds. */
export function probes(rounds: number): { services: object; routes: object[] } {
  const names = Array.from({ length: rounds }, (_, round) => probe(round));
  return {
    services: Object.fromEntries(names.map((name) => [name, { registry: 'eureka', name }])),
    routes: names.map((name) => ({
      name,
      match: { pathPrefix: `/${name}` },
      service: name,
      expose: { public: { access: 'anonymous' }, private: { callers: ['services'] } },
    })),
  };
}

/** @param gateways their URLs @returns of each gateway the ways of all rounds */
export async function measureWays(population: Population, gateways: readonly string[], rounds: number): Promise<Way[][]> {
  const service = createServer((_, res) => void res.end('here')).listen(0, '127.0.0.1');
  await new Promise((resolve) => service.once('listening', resolve));
  const { port } = service.address() as AddressInfo;
  const clients = gateways.map((url) => new Client(new URL(url).origin));
  const ways: Way[][] = gateways.map(() => []);
  for (let round = 0; round < rounds; round += 1) {
    const instance = anInstance(population, 1_000_000 + round, port, probe(round).toUpperCase());
    const path = `/${probe(round)}`;
    const came = await change(clients, path, (status) => status === 200, instance.register);
    const left = await change(clients, path, (status) => status === 503, instance.cancel);
    for (const at of gateways.keys()) ways[at]?.push({ came: came[at] ?? Number.NaN, left: left[at] ?? Number.NaN });
    await instance.close();
  }
  await Promise.all(clients.map((client) => client.close()));
  service.close();
  service.closeAllConnections();
  return ways;
}

/** Every gateway is asked all the time, from before the change until it has seen it. */
async function change(
  clients: readonly Client[],
  path: string,
  isSeen: (status: number) => boolean,
  make: () => Promise<unknown>,
): Promise<number[]> {
  const seen = clients.map(async (client) => {
    for (;;) {
      const { statusCode, body } = await client.request({ method: 'GET', path });
      await body.dump();
      if (isSeen(statusCode)) return performance.now();
    }
  });
  await make();
  const answered = performance.now();
  return (await Promise.all(seen)).map((at) => Math.max(0, at - answered));
}
