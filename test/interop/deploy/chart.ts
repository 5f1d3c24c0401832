/** The Helm chart, rendered as it is installed in the namespace `gateways` under the name `postern`. */
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { Bench } from '../support/bench.ts';
import { run } from '../support/program.ts';
import { type Manifest, manifestsIn } from './cluster.ts';

export const helm = join(import.meta.dirname, '../.cache/bin/helm');
export const chart = join(import.meta.dirname, '../../../deploy/helm/postern');

/** @param values as an object, or as YAML @throws Error with what Helm says when it refuses them */
export async function renderChart(bench: Bench, values: object | string = {}): Promise<readonly Manifest[]> {
  const file = await bench.file('values.yaml', typeof values === 'string' ? values : stringify(values));
  const { code, output } = await run(helm, [
    ...['template', 'postern', chart, '--namespace', 'gateways', '--kube-version', '1.37.0'],
    ...['--values', file],
  ]);
  // Both outputs in one: Helm says of each link in the chart that it follows it.
  const text = output
    .split('\n')
    .filter((line) => !line.startsWith('level=INFO'))
    .join('\n');
  if (code !== 0) throw new Error(text);
  return manifestsIn(text);
}

/** The one of a kind that has the name. */
export function manifestOf(manifests: readonly Manifest[], kind: string, name: string): Manifest {
  const found = manifests.find((one) => one.kind === kind && one.metadata.name === name);
  if (!found) throw new Error(`there is no ${kind} ${name}`);
  return found;
}
