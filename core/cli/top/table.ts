/** The table of `top`, drawn from what was read: pure, so that it can be looked at without a terminal. */
import type { FiguresReport } from '../../telemetry/figures.ts';
import type { Paint } from '../paint.ts';
import { padEnd, plain, shortened, widthOf } from '../plain.ts';
import type { Circuit, Reading, Told } from './reader.ts';

export const views = ['overview', 'services', 'routes', 'clients'] as const;
export type View = (typeof views)[number];

export const orders = ['requests', 'errors', 'p99', 'name'] as const;
export type Order = (typeof orders)[number];

export interface Look {
  readonly view: View;
  readonly order: Order;
}

export interface Room {
  /** Undefined where there is as much as one likes. */
  readonly columns: number | undefined;
  readonly rows: number | undefined;
}

interface Row extends FiguresReport {
  readonly name: string;
  readonly circuit?: Circuit | undefined;
}

interface Section {
  readonly title: string;
  readonly rows: readonly Row[];
  readonly circuits: boolean;
}

/** The lines, none longer and no more of them than there is room. */
export function drawTable({ stats, circuits }: Reading, { view, order }: Look, { columns, rows }: Room, paint: Paint): readonly string[] {
  const sections = sectionsOf(stats, circuits, order);
  const shown = view === 'overview' ? sections : sections.slice(views.indexOf(view) - 1, views.indexOf(view));
  const head = [paint('bold', shortened(headline(stats), columns)), shortened(totals(stats.total, circuits), columns)];
  // Each has its blank line, its titles and at least one row.
  const share = rows === undefined ? undefined : Math.max(1, Math.floor((rows - head.length) / shown.length) - 2);
  const lines = [...head, ...shown.flatMap((section) => ['', ...drawSection(section, share, columns, paint)])];
  return rows === undefined ? lines : lines.slice(0, rows);
}

function sectionsOf(stats: Told, circuits: Reading['circuits'], order: Order): readonly [Section, Section, Section] {
  const idle = [...circuits.keys()].filter((name) => !stats.services.some((service) => service.name === name));
  const services = [...stats.services, ...idle.map((name) => ({ name, ...nothing }))];
  const ordered = (rows: readonly Row[]) => [...rows].sort(comparisons[order]);
  return [
    {
      title: 'SERVICE',
      rows: ordered(services.map((service) => ({ ...service, circuit: circuits.get(service.name) }))),
      circuits: true,
    },
    { title: 'ROUTE', rows: ordered(stats.routes), circuits: false },
    'users' in stats
      ? { title: 'USER', rows: ordered(stats.users), circuits: false }
      : { title: 'CALLER', rows: ordered(stats.callers), circuits: false },
  ];
}

const nothing: FiguresReport = {
  requests: 0,
  rate: 0,
  statuses: {},
  errors: {},
  refused: {},
  bytesIn: 0,
  bytesOut: 0,
  p50: null,
  p90: null,
  p99: null,
  max: null,
};

const sum = (counts: Readonly<Record<string, number>>): number => Object.values(counts).reduce((all, count) => all + count, 0);
const byName = (a: Row, b: Row): number => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);

const comparisons: Readonly<Record<Order, (a: Row, b: Row) => number>> = {
  requests: (a, b) => b.requests - a.requests || byName(a, b),
  errors: (a, b) => sum(b.errors) - sum(a.errors) || byName(a, b),
  p99: (a, b) => (b.p99 ?? -1) - (a.p99 ?? -1) || byName(a, b),
  name: byName,
};

const headline = ({ gateway, revision, window, at }: Told): string =>
  plain(`${gateway}  revision ${revision}  last ${window}  ${new Date(at).toISOString().slice(11, 19)}Z`);

function totals(total: FiguresReport, circuits: Reading['circuits']): string {
  const inFlight = [...circuits.values()].reduce((all, circuit) => all + circuit.inFlight, 0);
  const said = [
    `${decimal(total.rate)}/s`,
    `errors ${percent(sum(total.errors), total.requests)}`,
    `refused ${percent(sum(total.refused), total.requests)}`,
    `p50 ${milliseconds(total.p50)}`,
    `p99 ${milliseconds(total.p99)}`,
    ...(circuits.size === 0 ? [] : [`in flight ${inFlight}`]),
    ...Object.entries(total.statuses).map(([status, count]) => plain(`${status} ${count}`)),
  ];
  return `total  ${said.join('  ')}`;
}

function drawSection(
  { title, rows, circuits }: Section,
  share: number | undefined,
  width: number | undefined,
  paint: Paint,
): readonly string[] {
  const titles = [
    title,
    ...(circuits ? ['CIRCUIT'] : []),
    'RATE/S',
    'ERRORS',
    'REFUSED',
    'P50 MS',
    'P99 MS',
    ...(circuits ? ['IN FLIGHT'] : []),
  ];
  const shown = rows.slice(0, share);
  const table = shown.map((row) => [plain(row.name), ...cells(row, circuits)]);
  const widths = titles.map((text, at) => Math.max(text.length, ...table.map((cellsOfRow) => widthOf(cellsOfRow[at] ?? ''))));
  const others = widths.slice(1).reduce((all, one) => all + one + 2, 0);
  // A long name makes way for the figures.
  if (width !== undefined) widths[0] = Math.min(widths[0] ?? 0, Math.max(title.length, width - others));
  const line = (row: readonly string[]) =>
    shortened(
      row.map((cell, at) => (at === 0 ? padEnd(shortened(cell, widths[0]), widths[0] ?? 0) : cell.padStart(widths[at] ?? 0))).join('  '),
      width,
    ).trimEnd();
  return [
    paint('bold', line(titles)),
    ...shown.map((row, at) => {
      const colour = mood(row);
      const text = line(table[at] ?? []);
      return colour === undefined ? text : paint(colour, text);
    }),
    ...(rows.length === 0 ? [paint('dim', shortened('none', width))] : []),
  ];
}

function cells(row: Row, withCircuit: boolean): readonly string[] {
  const { circuit, rate, requests, errors, refused, p50, p99 } = row;
  const figures = [
    decimal(rate),
    percent(sum(errors), requests),
    percent(sum(refused), requests),
    p50 === null ? '-' : decimal(p50),
    p99 === null ? '-' : decimal(p99),
  ];
  if (!withCircuit) return figures;
  return [
    circuit === undefined ? '-' : circuit.open ? 'open' : 'closed',
    ...figures,
    circuit === undefined ? '-' : String(circuit.inFlight),
  ];
}

/** From this share of errors on a row is red. */
const ALARMING = 0.1;

function mood({ circuit, errors, requests }: Row): 'red' | 'yellow' | undefined {
  const failed = sum(errors);
  if (circuit?.open || (requests > 0 && failed / requests >= ALARMING)) return 'red';
  return failed > 0 ? 'yellow' : undefined;
}

const decimal = (value: number): string => (value >= 100 ? value.toFixed(0) : value.toFixed(1));
const percent = (part: number, whole: number): string => (whole === 0 ? '-' : `${((part / whole) * 100).toFixed(1)}%`);
const milliseconds = (value: number | null): string => (value === null ? '-' : `${decimal(value)} ms`);
