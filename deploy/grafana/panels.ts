/** What the dashboards show, row by row: each panel's title, its queries, and the unit they are in. */
import { registryRow } from './registry-row.ts';
import type { Panel, Query, Row } from './row.ts';

const HTTP = 'http_server_request_duration_seconds';
const CLIENT = 'http_client_request_duration_seconds';

/** @param job the gateway's, in Prometheus */
export function rows(job: string): readonly Row[] {
  const own = `job="${job}",instance=~"$instance"`;
  const ofRoutes = `${own},gateway_route_id=~"$route"`;
  const ofServices = `${own},gateway_service_name=~"$service"`;
  const rate = (metric: string, labels: string, by: string) => `sum by (${by}) (rate(${metric}{${labels}}[$__rate_interval]))`;
  const level = (metric: string, how: 'sum' | 'max' | 'min' = 'sum') => `${how} by (gateway_service_name) (${metric}{${ofServices}})`;
  const quantiles = (metric: string, labels: string): Query[] =>
    [0.5, 0.9, 0.99].map((quantile) => ({
      expr: `histogram_quantile(${quantile}, ${rate(`${metric}_bucket`, labels, 'le')})`,
      legend: `p${quantile * 100}`,
    }));
  const service = '{{gateway_service_name}}';
  const requests = `${HTTP}_count`;
  const failed = `sum(rate(${requests}{${ofRoutes},http_response_status_code=~"5.."}[$__rate_interval])) or vector(0)`;

  return [
    {
      title: 'Now',
      panels: [
        stat('Gateways', 'Processes that answer Prometheus.', 'short', `sum(up{${own}})`),
        stat('Requests', 'Of all routes chosen.', 'reqps', `sum(rate(${requests}{${ofRoutes}}[$__rate_interval]))`),
        stat('Failures', 'Answers 5xx of all.', 'percentunit', `(${failed}) / sum(rate(${requests}{${ofRoutes}}[$__rate_interval]))`, 0.01),
        stat('p99', 'Of a hundred requests, one takes longer.', 's', quantiles(HTTP, ofRoutes)[2]?.expr ?? ''),
        stat(
          'Breakers open',
          'Services that are given up for now.',
          'short',
          `count(${level('gateway_circuit_breaker_state', 'max')} == 2) or vector(0)`,
          1,
        ),
        stat('Overload', 'From 1 on requests are refused.', 'short', `max(gateway_overload_level{${own}})`, 1),
      ],
    },
    {
      title: 'Requests',
      panels: [
        {
          title: 'Requests by route',
          description: 'Those that no route takes are shown without a name.',
          unit: 'reqps',
          stacked: true,
          queries: [{ expr: rate(requests, ofRoutes, 'gateway_route_id'), legend: '{{gateway_route_id}}' }],
        },
        {
          title: 'Requests by status',
          description: 'As the client got it.',
          unit: 'reqps',
          stacked: true,
          queries: [{ expr: rate(requests, ofRoutes, 'http_response_status_code'), legend: '{{http_response_status_code}}' }],
        },
        { title: 'Duration', description: 'To the end of the answer, all routes chosen.', unit: 's', queries: quantiles(HTTP, ofRoutes) },
        {
          title: 'p99 by route',
          description: 'Of a hundred requests, one takes longer.',
          unit: 's',
          queries: [
            {
              expr: `histogram_quantile(0.99, ${rate(`${HTTP}_bucket`, ofRoutes, 'gateway_route_id, le')})`,
              legend: '{{gateway_route_id}}',
            },
          ],
        },
        {
          title: 'Errors by code',
          description: 'The code of the problem document; where a service answered 5xx, its status.',
          unit: 'reqps',
          stacked: true,
          queries: [{ expr: rate(requests, `${ofRoutes},error_type!=""`, 'error_type'), legend: '{{error_type}}' }],
        },
        {
          title: 'Rate limits',
          description: 'What each limit looked at, and what it refused.',
          unit: 'reqps',
          queries: [{ expr: rate('gateway_rate_limit_requests_total', own, 'policy, result'), legend: '{{policy}} {{result}}' }],
        },
        {
          title: 'Under way',
          description: 'Requests, and WebSockets open.',
          unit: 'short',
          queries: [
            { expr: `sum(http_server_active_requests{${own}})`, legend: 'requests' },
            { expr: `sum(gateway_websocket_active{${own}})`, legend: 'WebSockets' },
          ],
        },
      ],
    },
    {
      title: 'Services',
      panels: [
        {
          title: 'Attempts by service',
          description: 'Tries, of which a request may need several.',
          unit: 'reqps',
          queries: [{ expr: rate(`${CLIENT}_count`, ofServices, 'gateway_service_name'), legend: service }],
        },
        {
          title: 'p99 of attempts by service',
          description: 'To the first byte of the answer.',
          unit: 's',
          queries: [
            { expr: `histogram_quantile(0.99, ${rate(`${CLIENT}_bucket`, ofServices, 'gateway_service_name, le')})`, legend: service },
          ],
        },
        {
          title: 'Failed attempts',
          description: 'By what went wrong: a status, or the code of a failure.',
          unit: 'reqps',
          queries: [
            {
              expr: rate(`${CLIENT}_count`, `${ofServices},error_type!=""`, 'gateway_service_name, error_type'),
              legend: `${service} {{error_type}}`,
            },
          ],
        },
        {
          title: 'Circuit breakers',
          description: '0 closed, 1 half-open, 2 open; the worst of the gateways.',
          unit: 'short',
          alarm: 2,
          queries: [{ expr: level('gateway_circuit_breaker_state', 'max'), legend: service }],
        },
        {
          title: 'Breakers that change',
          description: 'By the state to which.',
          unit: 'cps',
          queries: [
            {
              expr: rate('gateway_circuit_breaker_transitions_total', ofServices, 'gateway_service_name, gateway_circuit_breaker_state'),
              legend: `${service} {{gateway_circuit_breaker_state}}`,
            },
          ],
        },
        {
          title: 'Concurrency',
          description: 'In flight, waiting, and how many there may be.',
          unit: 'short',
          queries: [
            { expr: level('gateway_concurrency_limit_in_flight'), legend: `${service} in flight` },
            { expr: level('gateway_concurrency_limit_queued'), legend: `${service} waiting` },
            { expr: level('gateway_concurrency_limit_limit'), legend: `${service} limit` },
          ],
        },
        {
          title: 'Refused: service full',
          description: 'By priority; background goes first.',
          unit: 'reqps',
          queries: [
            {
              expr: rate('gateway_concurrency_limit_rejected_total', ofServices, 'gateway_service_name, priority'),
              legend: `${service} {{priority}}`,
            },
          ],
        },
        {
          title: 'Retries',
          description: 'Tries beyond the first, by reason.',
          unit: 'reqps',
          queries: [
            { expr: rate('gateway_retry_attempts_total', ofServices, 'gateway_service_name, reason'), legend: `${service} {{reason}}` },
          ],
        },
        {
          title: 'Retry budget',
          description: 'Retries that may be made now; the least of the gateways.',
          unit: 'short',
          queries: [{ expr: level('gateway_retry_budget_balance', 'min'), legend: service }],
        },
      ],
    },
    {
      title: 'Endpoints',
      panels: [
        {
          title: 'Available',
          description: 'The share of the endpoints of each service.',
          unit: 'percentunit',
          queries: [{ expr: `avg by (gateway_service_name) (gateway_endpoint_health{${ofServices}})`, legend: service }],
        },
        {
          title: 'Ejections',
          description: 'Endpoints taken out of the rotation for what they answered.',
          unit: 'cps',
          queries: [{ expr: rate('gateway_endpoint_ejections_total', ofServices, 'gateway_service_name'), legend: service }],
        },
        {
          title: 'Stale',
          description: '1 while the source of the endpoints does not answer, and the last known are called.',
          unit: 'short',
          alarm: 1,
          queries: [{ expr: level('gateway_registry_stale', 'max'), legend: service }],
        },
      ],
    },
    ...(job === 'private-gateway' ? [registryRow(own)] : []),
    {
      title: 'The gateway itself',
      panels: [
        {
          title: 'Overload',
          description: 'How late the event loop and how full the heap is, of the limit of each; from 1 on requests are refused.',
          unit: 'short',
          alarm: 1,
          queries: [{ expr: `max by (instance) (gateway_overload_level{${own}})`, legend: '{{instance}}' }],
        },
        {
          title: 'Refused: overloaded',
          description: 'By priority; background goes first.',
          unit: 'reqps',
          queries: [{ expr: rate('gateway_overload_rejected_total', own, 'priority'), legend: '{{priority}}' }],
        },
        {
          title: 'Connections refused',
          description: 'Closed before they became a request, by reason.',
          unit: 'cps',
          queries: [{ expr: rate('gateway_connections_rejected_total', own, 'reason'), legend: '{{reason}}' }],
        },
      ],
    },
  ];
}

function stat(title: string, description: string, unit: Panel['unit'], expr: string, alarm?: number): Panel {
  return { title, description, unit, stat: true, queries: [{ expr, legend: '' }], ...(alarm === undefined ? {} : { alarm }) };
}
