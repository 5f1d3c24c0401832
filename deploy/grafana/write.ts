/** `node deploy/grafana/write.ts`: writes the dashboards that Grafana is given. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dashboard } from './dashboard.ts';

for (const [job, title] of [
  ['public-gateway', 'Postern: public gateway'],
  ['private-gateway', 'Postern: private gateway'],
] as const) {
  writeFileSync(join(import.meta.dirname, 'dashboards', `${job}.json`), `${JSON.stringify(dashboard(job, title), null, 2)}\n`);
}
