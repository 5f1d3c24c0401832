/** A Grafana dashboard (schema 39, Grafana 11 on) of rows of panels. */
import { rows } from './panels.ts';
import type { Panel, Row } from './row.ts';

const datasource = { type: 'prometheus', uid: '$datasource' };
const WIDTH = 24;

/** To the other dashboards of Postern. */
const link = {
  type: 'dashboards',
  title: 'Postern',
  tags: ['postern'],
  icon: 'external link',
  tooltip: '',
  asDropdown: false,
  includeVars: false,
  keepTime: true,
  targetBlank: false,
};

/** @param job the gateway's, in Prometheus, and the dashboard's own id */
export function dashboard(job: string, title: string): object {
  return {
    uid: `postern-${job}`,
    title,
    description: 'Written by deploy/grafana/write.ts.',
    tags: ['postern'],
    schemaVersion: 39,
    editable: true,
    graphTooltip: 1,
    refresh: '30s',
    timezone: 'browser',
    time: { from: 'now-1h', to: 'now' },
    links: [link],
    templating: {
      list: [
        { name: 'datasource', label: 'Data source', type: 'datasource', query: 'prometheus' },
        variable('instance', 'Instance', `label_values(up{job="${job}"}, instance)`),
        variable('route', 'Route', `label_values(http_server_request_duration_seconds_count{job="${job}"}, gateway_route_id)`),
        variable('service', 'Service', `label_values(gateway_circuit_breaker_state{job="${job}"}, gateway_service_name)`),
      ],
    },
    panels: laidOut(rows(job)),
  };
}

/** All unless chosen; `.*` then, so that requests without a route are among them. */
function variable(name: string, label: string, query: string): object {
  return {
    name,
    label,
    type: 'query',
    datasource,
    query: { query, refId: name },
    refresh: 2,
    sort: 1,
    includeAll: true,
    multi: true,
    allValue: '.*',
    current: { text: 'All', value: '$__all' },
  };
}

/** Each row its title, then stats side by side, or charts three abreast. */
function laidOut(all: readonly Row[]): object[] {
  const panels: object[] = [];
  let y = 0;
  const place = (panel: object, gridPos: { x: number; y: number; w: number; h: number }) =>
    panels.push({ id: panels.length + 1, ...panel, gridPos });
  for (const { title, panels: members } of all) {
    place({ type: 'row', title, collapsed: false, panels: [] }, { x: 0, y, w: WIDTH, h: 1 });
    y += 1;
    const stats = members.every(({ stat }) => stat);
    const [abreast, h] = stats ? [members.length, 4] : [3, 8];
    const w = Math.floor(WIDTH / abreast);
    members.forEach((panel, index) => {
      place(shown(panel), { x: (index % abreast) * w, y: y + Math.floor(index / abreast) * h, w, h });
    });
    y += Math.ceil(members.length / abreast) * h;
  }
  return panels;
}

function shown({ title, description, unit, queries, stat, alarm, stacked }: Panel): object {
  const steps = [{ color: 'green', value: null }, ...(alarm === undefined ? [] : [{ color: 'red', value: alarm }])];
  const custom = {
    drawStyle: 'line',
    lineWidth: 1,
    fillOpacity: stacked ? 40 : 8,
    stacking: { mode: stacked ? 'normal' : 'none', group: 'A' },
  };
  return {
    type: stat ? 'stat' : 'timeseries',
    title,
    description,
    datasource,
    targets: queries.map(({ expr, legend }, index) => ({
      refId: String.fromCharCode(65 + index),
      datasource,
      expr,
      legendFormat: legend,
      ...(stat ? { instant: true } : { range: true }),
    })),
    fieldConfig: {
      defaults: {
        unit,
        min: 0,
        color: { mode: stat ? 'thresholds' : 'palette-classic' },
        thresholds: { mode: 'absolute', steps },
        ...(stat ? {} : { custom: { ...custom, ...(alarm === undefined ? {} : { thresholdsStyle: { mode: 'dashed' } }) } }),
      },
      overrides: [],
    },
    options: stat
      ? { colorMode: 'value', graphMode: 'none', reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false } }
      : {
          legend: { displayMode: 'table', placement: 'bottom', calcs: ['mean', 'max'], showLegend: true },
          tooltip: { mode: 'multi', sort: 'desc' },
        },
  };
}
