import type { Row } from './row.ts';

/** Of the embedded registry, which the private gateway runs. @param own the labels of its series */
export function registryRow(own: string): Row {
  const all = (metric: string) => `sum(gateway_registry_${metric}{${own}})`;
  const perPeer = (what: string) => `sum by (gateway_registry_peer) (${what})`;
  return {
    title: 'Registry',
    panels: [
      {
        title: 'Instances',
        description: 'By status; and applications.',
        unit: 'short',
        queries: [
          { expr: `sum by (gateway_registry_status) (gateway_registry_instances{${own}})`, legend: '{{gateway_registry_status}}' },
          { expr: all('applications'), legend: 'applications' },
        ],
      },
      {
        title: 'Heartbeats a minute',
        description: 'Below the threshold nobody is let go: self-preservation.',
        unit: 'short',
        queries: [
          { expr: all('renewals_last_minute'), legend: 'heartbeats' },
          { expr: all('renewals_threshold'), legend: 'threshold' },
          { expr: `max(gateway_registry_self_preservation{${own}})`, legend: 'self-preservation' },
        ],
      },
      {
        title: 'Evictions and refusals',
        description: 'Instances whose lease ran out; requests refused, by status.',
        unit: 'cps',
        queries: [
          { expr: `sum(rate(gateway_registry_evictions_total{${own}}[$__rate_interval]))`, legend: 'evictions' },
          {
            expr: `sum by (http_response_status_code) (rate(gateway_registry_refused_total{${own}}[$__rate_interval]))`,
            legend: 'refused {{http_response_status_code}}',
          },
        ],
      },
      {
        title: 'Peers',
        description: 'Changes that each is yet to be told, and those it was not told.',
        unit: 'short',
        queries: [
          { expr: perPeer(`gateway_registry_peer_queued{${own}}`), legend: '{{gateway_registry_peer}} waiting' },
          { expr: perPeer(`gateway_registry_peer_failing{${own}}`), legend: '{{gateway_registry_peer}} failing' },
          {
            expr: perPeer(`increase(gateway_registry_peer_sent_total{${own}}[$__rate_interval])`),
            legend: '{{gateway_registry_peer}} told',
          },
          {
            expr: perPeer(`increase(gateway_registry_peer_dropped_total{${own}}[$__rate_interval])`),
            legend: '{{gateway_registry_peer}} not told',
          },
        ],
      },
      {
        title: 'Readers',
        description: 'Gateways that are told of each change as it happens.',
        unit: 'short',
        queries: [{ expr: all('event_readers'), legend: 'readers' }],
      },
    ],
  };
}
