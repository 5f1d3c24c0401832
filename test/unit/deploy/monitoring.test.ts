import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Meter } from '@opentelemetry/api';
import { expect } from 'chai';
import { parse } from 'yaml';
import { createInstruments } from '../../../core/telemetry/instruments.ts';
import type { OwnMetrics } from '../../../core/telemetry/own-metrics.ts';
import { dashboard } from '../../../deploy/grafana/dashboard.ts';

const deploy = resolve(import.meta.dirname, '../../../deploy');
const read = (path: string) => readFileSync(join(deploy, path), 'utf8');

/** Every name that the gateways have for Prometheus. */
function metricNames(): ReadonlySet<string> {
  const names = new Set(['up']);
  const note = (kind: 'counter' | 'gauge' | 'histogram') => (name: string, first: unknown, second?: unknown) => {
    const { unit } = (second ?? first ?? {}) as { unit?: string };
    const base = name.replaceAll('.', '_') + (unit === 's' ? '_seconds' : '');
    const suffixes = { counter: ['_total'], gauge: [''], histogram: ['_bucket', '_count', '_sum'] }[kind];
    for (const suffix of suffixes) names.add(base + suffix);
    return { addCallback() {}, add() {}, record() {}, drop() {} };
  };
  const meter = {
    createCounter: note('counter'),
    createGauge: note('gauge'),
    createHistogram: note('histogram'),
    createUpDownCounter: note('gauge'),
    createObservableCounter: note('counter'),
    createObservableGauge: note('gauge'),
    createObservableUpDownCounter: note('gauge'),
  };
  const own = {
    counter: note('counter'),
    gauge: (name: string, options: object) => void note('gauge')(name, options),
    histogram: (name: string, _boundaries: readonly number[], options: object) => note('histogram')(name, options),
  };
  createInstruments(meter as unknown as Meter, own as unknown as OwnMetrics, { level: () => 0 });
  return names;
}

interface Rules {
  readonly groups: readonly { readonly rules: readonly Rule[] }[];
}

interface Rule {
  readonly alert?: string;
  readonly record?: string;
  readonly expr: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

const rulesOf = (file: string) => (parse(read(`prometheus/${file}`)) as Rules).groups.flatMap(({ rules }) => rules);
/** Neither labels, nor what is recorded (`level:metric:operations`). */
const metricsIn = (expression: string): readonly string[] =>
  expression.replaceAll(/by \([^)]*\)|\{[^}]*\}/g, '').match(/(?<![:\w])(?:(?:http|gateway)_\w+|up)\b(?!:)/g) ?? [];

describe('deploy: what is watched', () => {
  const names = metricNames();
  const recording = rulesOf('recording.yaml');
  const alerts = rulesOf('alerts.yaml');

  for (const [job, title] of [
    ['public-gateway', 'Postern: public gateway'],
    ['private-gateway', 'Postern: private gateway'],
  ] as const) {
    describe(`the dashboard of the ${job}`, () => {
      const written = JSON.parse(read(`grafana/dashboards/${job}.json`));

      it('is as deploy/grafana/write.ts writes it', () => {
        expect(written).to.deep.equal(JSON.parse(JSON.stringify(dashboard(job, title))));
      });

      it('asks for metrics that there are', () => {
        const asked = written.panels.flatMap(({ targets = [] }: { targets?: { expr: string }[] }) =>
          targets.flatMap(({ expr }) => metricsIn(expr)),
        );
        expect(asked).to.have.length.above(25);
        expect(asked.filter((name: string) => !names.has(name))).to.deep.equal([]);
      });

      it('has panels that do not overlap, each with an id and a title', () => {
        const taken = new Set<string>();
        for (const { title, gridPos } of written.panels) {
          expect(title).not.to.equal('');
          expect(gridPos.x + gridPos.w).to.be.at.most(24);
          for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1) {
            for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
              expect(taken.has(`${x},${y}`), title).to.equal(false);
              taken.add(`${x},${y}`);
            }
          }
        }
        expect(new Set(written.panels.map(({ id }: { id: number }) => id)).size).to.equal(written.panels.length);
      });
    });
  }

  it('rules ask for metrics that there are, or that are recorded', () => {
    for (const { expr } of [...recording, ...alerts]) {
      const recorded = recording.some(({ record = '' }) => expr.includes(record));
      expect(metricsIn(expr).filter((name) => !names.has(name))).to.deep.equal([]);
      expect(metricsIn(expr).length > 0 || recorded, expr).to.equal(true);
    }
  });

  it('every alert says how urgent it is and what to do, and is tried', () => {
    const tried = read('prometheus/alerts.test.yaml');
    for (const { alert = '', labels, annotations } of alerts) {
      expect(['page', 'ticket']).to.include(labels?.['severity']);
      expect(Object.keys(annotations ?? {})).to.deep.equal(['summary', 'description']);
      expect(tried, alert).to.contain(`ALERTS{alertname="${alert}",alertstate="firing"`);
    }
  });
});
