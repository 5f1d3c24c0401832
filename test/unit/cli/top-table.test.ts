import { stripVTControlCharacters } from 'node:util';
import { expect } from 'chai';
import { painter } from '../../../core/cli/paint.ts';
import type { Reading } from '../../../core/cli/top/reader.ts';
import { drawTable, type Look, type Room } from '../../../core/cli/top/table.ts';

const figures = (requests: number, failed = 0, p99: number | null = 8) => ({
  requests,
  rate: requests / 10,
  statuses: { '2xx': requests - failed, ...(failed > 0 && { '5xx': failed }) },
  errors: failed > 0 ? { 'attempt-timeout': failed } : {},
  refused: requests > 100 ? { 'rate-limited': requests / 10 } : {},
  bytesIn: 0,
  bytesOut: 0,
  p50: p99 === null ? null : 1.25,
  p90: p99,
  p99,
  max: p99,
});

const reading: Reading = {
  stats: {
    gateway: 'public-gateway',
    revision: 'abc',
    at: Date.UTC(2026, 10, 27, 7, 13, 10),
    window: '10s',
    total: figures(200, 3),
    routes: [
      { name: 'orders', ...figures(150, 3) },
      { name: 'stock', ...figures(50, 0, 120) },
    ],
    services: [{ name: 'orders', ...figures(150, 30) }],
    endpoints: [],
    slowest: [],
    traffic: [],
    users: [{ name: 'ada\u001b[2J', ...figures(12) }],
    usersLack: 0,
  },
  circuits: new Map([
    ['orders', { open: true, inFlight: 2 }],
    ['stock', { open: false, inFlight: 1 }],
  ]),
};

const wide: Room = { columns: undefined, rows: undefined };
const draw = (look: Partial<Look> = {}, room = wide, colour = false) =>
  drawTable(reading, { view: 'overview', order: 'requests', ...look }, room, painter(colour));

describe('the table of top', () => {
  it('has the whole, services with their circuits, routes and users', () => {
    expect(draw().map((line) => line.replaceAll(/ {2,}/g, '  '))).to.deep.equal([
      'public-gateway  revision abc  last 10s  07:13:10Z',
      'total  20.0/s  errors 1.5%  refused 10.0%  p50 1.3 ms  p99 8.0 ms  in flight 3  2xx 197  5xx 3',
      '',
      'SERVICE  CIRCUIT  RATE/S  ERRORS  REFUSED  P50 MS  P99 MS  IN FLIGHT',
      'orders  open  15.0  20.0%  10.0%  1.3  8.0  2',
      'stock  closed  0.0  -  -  -  -  1',
      '',
      'ROUTE  RATE/S  ERRORS  REFUSED  P50 MS  P99 MS',
      'orders  15.0  2.0%  10.0%  1.3  8.0',
      'stock  5.0  0.0%  0.0%  1.3  120',
      '',
      'USER  RATE/S  ERRORS  REFUSED  P50 MS  P99 MS',
      'ada?[2J  1.2  0.0%  0.0%  1.3  8.0',
    ]);
  });

  it('shows callers of the private gateway', () => {
    const { users, usersLack: _, ...stats } = reading.stats as Extract<Reading['stats'], { users: unknown }>;
    const lines = drawTable(
      { ...reading, stats: { ...stats, callers: users } },
      { view: 'clients', order: 'requests' },
      wide,
      painter(false),
    );
    expect(lines[3]).to.match(/^CALLER /);
  });

  it('keeps within its room, and leaves none of its parts out for another', () => {
    for (const columns of [1, 20, 40, 80]) {
      for (const rows of [1, 5, 12, 24]) {
        const lines = draw({}, { columns, rows }, true).map((line) => stripVTControlCharacters(line));
        expect(lines.length).to.be.at.most(rows);
        for (const line of lines) expect([...line].length, line).to.be.at.most(columns);
      }
    }
    const titles = draw({}, { columns: 80, rows: 11 }).filter((line) => /^(SERVICE|ROUTE|USER) /.test(line));
    expect(titles).to.have.length(3);
  });

  it('shows one part alone, in the order asked for', () => {
    expect(
      draw({ view: 'routes', order: 'p99' })
        .slice(4)
        .map((line) => line.split(' ')[0]),
    ).to.deep.equal(['stock', 'orders']);
    expect(
      draw({ view: 'services', order: 'name' })
        .slice(4)
        .map((line) => line.split(' ')[0]),
    ).to.deep.equal(['orders', 'stock']);
    expect(draw({ view: 'routes', order: 'errors' })).to.have.length(6);
  });

  it('colours what is wrong', () => {
    const ESCAPE = String.fromCharCode(27);
    const lines = draw({ view: 'services' }, wide, true);
    expect(lines[4]).to.contain(`${ESCAPE}[31morders`);
    expect(lines[5]).to.match(/^stock/);
  });

  it('makes a long name give way to the figures', () => {
    const long = { ...reading, circuits: new Map([['x'.repeat(80), { open: false, inFlight: 0 }]]) };
    const line = drawTable(long, { view: 'services', order: 'name' }, { columns: 80, rows: 24 }, painter(false)).at(-1) ?? '';
    expect(line).to.match(/^x+… +closed .* 0$/);
    expect(line).to.have.length(80);
  });
});
