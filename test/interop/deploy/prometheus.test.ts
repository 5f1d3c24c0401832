/** Dashboards, rules and alerts: asked of a real Prometheus that scrapes both gateways amid trouble, so that a wrong name is seen. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { openBench } from '../support/bench.ts';
import { run } from '../support/program.ts';
import { until } from '../support/until.ts';
import { folder, type Prometheus, startPrometheus } from './prometheus.ts';
import { jobs, startTroubledPair, type TroubledPair } from './troubled-pair.ts';

interface Dashboard {
  readonly panels: readonly { readonly title: string; readonly type: string; readonly targets?: readonly { readonly expr: string }[] }[];
  readonly templating: { readonly list: readonly { readonly name: string; readonly query: string | { readonly query: string } }[] };
}

const dashboardOf = (job: string): Dashboard =>
  JSON.parse(readFileSync(join(folder, `../grafana/dashboards/${job}.json`), 'utf8')) as Dashboard;

/** As Grafana asks, of everything and over a time that suits the scrapes here. */
const filledIn = (expression: string) => expression.replaceAll('$__rate_interval', '15s').replaceAll(/\$(instance|route|service)\b/g, '.*');

describe('what Prometheus and Grafana are given', () => {
  const bench = openBench();
  let pair: TroubledPair;
  let prometheus: Prometheus;
  let over = false;
  let trouble: Promise<void>;

  before(async () => {
    pair = await startTroubledPair(bench);
    prometheus = await startPrometheus(bench, pair.targets);
    trouble = (async () => {
      while (!over) {
        await pair.round();
        await new Promise((resolve) => setTimeout(resolve, 250));
      }
    })();
  });
  after(async () => {
    over = true;
    await trouble;
    await bench.clear();
  });

  const hasData = (expression: string) =>
    until(`data of ${expression}`, async () => (await prometheus.query(expression)).some(({ value }) => !Number.isNaN(value)), 20_000);

  it('is what promtool takes', async () => {
    for (const args of [
      ['check', 'config', 'prometheus.yaml'],
      ['check', 'rules', 'recording.yaml', 'alerts.yaml'],
      ['test', 'rules', 'alerts.test.yaml'],
    ]) {
      const { code, output } = await run('promtool', args, { cwd: folder });
      expect(code, output).to.equal(0);
    }
  });

  it('finds every target', async () => {
    for (const job of jobs) await until(`${job} up`, async () => (await prometheus.query(`sum(up{job="${job}"})`))[0]?.value === 2);
  });

  for (const job of jobs) {
    const { panels, templating } = dashboardOf(job);
    describe(`the dashboard of the ${job}`, () => {
      for (const { title, targets = [] } of panels.filter(({ type }) => type !== 'row')) {
        it(`shows ${title}`, async () => {
          expect(targets).not.to.deep.equal([]);
          await Promise.all(targets.map(({ expr }) => hasData(filledIn(expr))));
        });
      }

      for (const { name, query } of templating.list) {
        if (typeof query === 'string') continue;
        it(`lets one choose by ${name}`, async () => {
          const [, series = '', label = ''] = /^label_values\((.*), (\w+)\)$/.exec(query.query) ?? [];
          await hasData(`count by (${label}) (${series.replace('{', `{${label}!="",`)})`);
        });
      }
    });
  }

  it('records what the rules say', async () => {
    const recorded = (await prometheus.rules()).filter(({ type }) => type === 'recording');
    expect(recorded).to.have.length(7);
    await Promise.all(recorded.map(({ name }) => hasData(name)));
  });

  it('raises the alarm at what goes wrong here, in words', async () => {
    for (const name of [
      'ErrorsBurnFast',
      'ErrorsBurnSlowly',
      'RateLimitsMany',
      'BreakerOpen',
      'ServiceFull',
      'RegistryStale',
      'Overloaded',
      'RegistryPeerFailing',
    ]) {
      const rule = await until(`Postern${name} to be raised`, async () =>
        (await prometheus.rules()).find((one) => one.name === `Postern${name}` && one.state !== 'inactive'),
      );
      for (const { annotations } of rule.alerts ?? []) {
        expect(annotations['summary'])
          .to.match(/gateway|127\.0\.0\.1/)
          .and.not.match(/error|no value|%!/);
      }
    }
  });

  it('computes every rule', async () => {
    for (const { name, health, lastError } of await prometheus.rules())
      expect([name, health, lastError]).to.deep.equal([name, 'ok', undefined]);
  });
});
