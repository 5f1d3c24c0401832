/** A cluster of two servers of Eureka, and services whose endpoints come from it. */
import { EurekaRegistry } from '../../../core/registry/eureka.ts';
import type { Source } from '../../../core/registry/source.ts';
import { eventually } from '../../behaviour/support/eventually.ts';
import { testClock } from '../../support/clock.ts';
import { type EurekaServer, startEurekaServer } from '../../support/eureka-server.ts';

export interface EurekaCluster {
  readonly servers: readonly [EurekaServer, EurekaServer];
  /** What asks these servers; all of the cluster unless given. */
  registry(urls?: readonly string[]): EurekaRegistry;
  /** @param interval milliseconds */
  start(registry: EurekaRegistry, name: string, interval?: number, onChange?: () => void): Source;
  close(): Promise<void>;
}

export async function startEurekaCluster(): Promise<EurekaCluster> {
  const servers = [await startEurekaServer(), await startEurekaServer()] as const;
  const sources: Source[] = [];
  return {
    servers,
    registry: (urls = servers.map(({ url }) => `${url}/`)) => new EurekaRegistry(urls, { clock: testClock(), random: () => 0.5 }),
    start(registry, name, interval = 10, onChange = () => {}) {
      const source = registry.source(name, interval);
      sources.push(source);
      source.start(onChange);
      return source;
    },
    async close() {
      for (const source of sources) source.stop();
      await Promise.all(servers.map((server) => server.close()));
    },
  };
}

export const ports = (source: Source): number[] | undefined => source.answer?.map(({ origin }) => Number(new URL(origin).port));

/** Waits until the endpoints have these ports. */
export const become = (source: Source, wanted: number[]): Promise<unknown> =>
  eventually(
    () => ports(source),
    (now) => JSON.stringify(now) === JSON.stringify(wanted),
  );
