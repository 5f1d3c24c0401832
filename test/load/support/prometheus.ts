/** Debian's Prometheus, scraping one target once a second, and what it says of that. */
import { freePort } from './listening.ts';
import { otherCore } from './machine.ts';
import type { Workspace } from './workspace.ts';

export interface Prometheus {
  /** The value of now; NaN when there is none. */
  query(expression: string): Promise<number>;
}

/** @param target `host:port` */
export async function startPrometheus(space: Workspace, target: string): Promise<Prometheus> {
  const scraped = { job_name: 'gateway', scrape_interval: '1s', scrape_timeout: '1s', static_configs: [{ targets: [target] }] };
  const file = space.write('prometheus.yaml', JSON.stringify({ scrape_configs: [scraped] }));
  const place = `127.0.0.1:${await freePort()}`;
  await space.start({
    name: 'prometheus',
    core: otherCore,
    command: ['prometheus', `--config.file=${file}`, `--storage.tsdb.path=${space.directory}/tsdb`, `--web.listen-address=${place}`],
    ready: async () => ((await fetch(`http://${place}/-/ready`).catch(() => undefined))?.ok ? place : undefined),
  });
  return {
    async query(expression) {
      const response = await fetch(`http://${place}/api/v1/query?query=${encodeURIComponent(expression)}`);
      const { data } = (await response.json()) as { data: { result: { value: [number, string] }[] } };
      return Number(data.result[0]?.value[1] ?? Number.NaN);
    },
  };
}
