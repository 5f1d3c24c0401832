/** An explanation as text for a terminal, in columns. */
import type { Explanation } from '../explain/explanation.ts';
import type { PlacedEndpoint, Placement } from '../upstream/placement.ts';
import { columns } from './columns.ts';

export function explanationText(explanation: Explanation): string {
  const { request, gateway, steps, others, settings, placement, notes } = explanation;
  const from = request.from === undefined ? '' : ` from ${request.from}`;
  const head = `${request.method} ${request.target} for ${request.host}${from}, through the ${gateway.replace('-', ' ')}\n`;
  const said = columns(steps.map(({ step, says }, index) => [index === steps.length - 1 ? `=> ${step}` : `   ${step}`, says]));
  return [
    head,
    said,
    section(
      'the other routes, in order of precedence',
      others.map(({ route, because }) => [route, because]),
    ),
    section(
      'what applies, and where it is written',
      settings.map(({ name, value, from: place }) => [name, value, place]),
    ),
    placement && placement.endpoints.length > 0 ? endpointsText(explanation.service, placement) : '',
    notes.length === 0 ? '' : `\n${notes.join('\n')}\n`,
  ]
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .replace(/\n+$/, '\n');
}

function section(title: string, rows: readonly (readonly string[])[]): string {
  return rows.length === 0 ? '' : `${title}\n${columns(rows.map(([first = '', ...rest]) => [`   ${first}`, ...rest]))}`;
}

function endpointsText(service: string | null, { balancer, compares, better, by, endpoints }: Placement): string {
  const how =
    by === 'balancer'
      ? `${balancer} goes by ${compares}, the ${better} the better`
      : `by ${by === 'cookie' ? 'the cookie of the client' : 'a probe that is due'}`;
  return section(`the endpoints of ${service}; ${how}`, endpoints.map(rowOf));
}

const marks = { yes: '=>', maybe: '?', no: '' } as const;

function rowOf({ endpoint, state, weight, zone, inFlight, latencyMs, score, chosen, because, warming }: PlacedEndpoint): string[] {
  return [
    `${marks[chosen].padStart(2)} ${endpoint}`,
    state,
    `weight ${round(weight)}${warming ? ' (growing)' : ''}`,
    ...(zone === undefined ? [] : [`zone ${zone}`]),
    ...(inFlight === undefined ? [] : [`${inFlight} under way`]),
    ...(latencyMs === undefined ? [] : [`${round(latencyMs)} ms`]),
    score === undefined ? (because ?? 'has its share') : `score ${round(score)}`,
  ];
}

const round = (value: number): number => Math.round(value * 1000) / 1000;
