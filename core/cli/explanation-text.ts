/** An explanation as text for a terminal, in columns. */
import type { Explanation } from '../explain/explanation.ts';
import { rounded } from '../telemetry/figures.ts';
import type { PlacedEndpoint, Placement } from '../upstream/placement.ts';
import { columns } from './columns.ts';
import type { Paint } from './paint.ts';

export function explanationText(explanation: Explanation, paint: Paint): string {
  const { request, gateway, steps, others, settings, placement, notes, allowed } = explanation;
  const from = request.from === undefined ? '' : ` from ${speakable(request.from)}`;
  const what = paint('bold', speakable(`${request.method} ${request.target}`));
  const head = `${what} for ${speakable(request.host)}${from}, through the ${gateway.replace('-', ' ')}\n`;
  const decides = (text: string) => paint(allowed ? 'green' : 'red', text);
  const said = columns(
    steps.map(({ step, says }, index) =>
      index === steps.length - 1 ? [decides(`=> ${step}`), decides(speakable(says))] : [`   ${step}`, speakable(says)],
    ),
  );
  const section = sectionsIn(paint);
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
    placement && placement.endpoints.length > 0
      ? section(endpointsTitle(explanation.service, placement), placement.endpoints.map(rowIn(paint)))
      : '',
    notes.length === 0 ? '' : `\n${notes.join('\n')}\n`,
  ]
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .replace(/\n+$/, '\n');
}

type Rows = readonly (readonly string[])[];

const sectionsIn =
  (paint: Paint) =>
  (title: string, rows: Rows): string =>
    rows.length === 0
      ? ''
      : `${paint('bold', title)}\n${columns(rows.map((row) => row.map((cell, at) => (at === 0 ? `   ${cell}` : cell))))}`;

function endpointsTitle(service: string | null, { balancer, compares, better, by }: Placement): string {
  const how =
    by === 'balancer'
      ? `${balancer} goes by ${compares}, the ${better} the better`
      : `by ${by === 'cookie' ? 'the cookie of the client' : 'a probe that is due'}`;
  return `the endpoints of ${service}; ${how}`;
}

/** What is in claims, or in a configuration, may be anything: it does not move the cursor. */
const speakable = (text: string): string => text.replace(/\p{Cc}/gu, (one) => `\\x${one.charCodeAt(0).toString(16).padStart(2, '0')}`);

const marks = { yes: '=>', maybe: '?', no: '' } as const;

const rowIn =
  (paint: Paint) =>
  ({ endpoint, state, weight, zone, inFlight, latencyMs, score, chosen, because, warming }: PlacedEndpoint): string[] => [
    paint(chosen === 'yes' ? 'green' : [], `${marks[chosen].padStart(2)} ${endpoint}`),
    state,
    `weight ${rounded(weight)}${warming ? ' (growing)' : ''}`,
    ...(zone === undefined ? [] : [`zone ${zone}`]),
    ...(inFlight === undefined ? [] : [`${inFlight} under way`]),
    ...(latencyMs === undefined ? [] : [`${rounded(latencyMs)} ms`]),
    score === undefined ? (because ?? 'has its share') : `score ${rounded(score)}`,
  ];
