/** Debian's Prometheus with the configuration and the rules of deploy/, but of these targets and once a second. */
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { type Bench, freePort } from '../support/bench.ts';
import { accepting } from '../support/program.ts';

export const folder = join(import.meta.dirname, '../../../deploy/prometheus');

export interface Rule {
  readonly type: 'alerting' | 'recording';
  readonly name: string;
  readonly health: string;
  readonly lastError?: string;
  /** Of an alert: `inactive`, `pending` or `firing`. */
  readonly state?: string;
  readonly alerts?: readonly { readonly annotations: Readonly<Record<string, string>> }[];
}

export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Prometheus {
  /** The value of now. @throws Error when it is no query */
  query(expression: string): Promise<readonly Sample[]>;
  rules(): Promise<readonly Rule[]>;
}

/** @param targets `host:port`s by job */
export async function startPrometheus(bench: Bench, targets: Readonly<Record<string, readonly string[]>>): Promise<Prometheus> {
  const here = await bench.directory();
  const given = parse(await readFile(join(folder, 'prometheus.yaml'), 'utf8'));
  given.global = { scrape_interval: '1s', evaluation_interval: '1s' };
  for (const job of given.scrape_configs) job.static_configs = [{ targets: targets[job.job_name] }];
  for (const rules of given.rule_files) await copyFile(join(folder, rules), join(here, rules));
  await writeFile(join(here, 'prometheus.yaml'), stringify(given));
  const port = await freePort();
  const program = bench.start('prometheus', [
    `--config.file=${join(here, 'prometheus.yaml')}`,
    `--storage.tsdb.path=${join(here, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
    '--log.level=warn',
  ]);
  await accepting(program, port);
  const ask = async (path: string) => {
    const answer = (await (await fetch(`http://127.0.0.1:${port}/api/v1/${path}`)).json()) as {
      status: string;
      error?: string;
      data: unknown;
    };
    if (answer.status !== 'success') throw new Error(`${decodeURIComponent(path)}: ${answer.error}`);
    return answer.data;
  };
  return {
    async query(expression) {
      const data = (await ask(`query?query=${encodeURIComponent(expression)}`)) as {
        result: { metric: Record<string, string>; value: [number, string] }[];
      };
      return data.result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
    },
    async rules() {
      return ((await ask('rules')) as { groups: { rules: Rule[] }[] }).groups.flatMap(({ rules }) => rules);
    },
  };
}
