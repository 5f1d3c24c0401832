/** What the tables list, from the states of both gateways: which of it matches, and in which order. */
import { endpointStates, figure, gatewayName, levelOf, percent, rate, time } from './words.js';

const { compare } = new Intl.Collator('en', { numeric: true });

/** @param {string} filter @returns {(text: string) => boolean} whether all its words are found */
export function finder(filter) {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  return (text) => words.every((word) => text.includes(word));
}

/**
 * @param {readonly import('./model.js').Gateway[]} gateways @param {string} of which part of a state
 * @returns {any[]} with the gateway, the name and a key of each
 */
function all(gateways, of) {
  return gateways.flatMap(({ name: gateway, state }) =>
    Object.entries(state?.[of] ?? {}).map(([name, told]) => ({ ...told, kind: 'row', key: `${gateway}\n${name}`, gateway, name })),
  );
}

/** @type {Record<string, (a: any, b: any) => number>} */
const orders = {
  name: () => 0,
  busy: (a, b) => (b.rate ?? 0) - (a.rate ?? 0),
  errors: (a, b) => (b.errors ?? 0) - (a.errors ?? 0) || (b.refused ?? 0) - (a.refused ?? 0),
  slow: (a, b) => (b.p99 ?? 0) - (a.p99 ?? 0),
  trouble: (a, b) => Number(a.state === 'up') - Number(b.state === 'up'),
};

/** @param {any[]} rows @param {string} sort */
function sorted(rows, sort) {
  const order = orders[sort] ?? (() => 0);
  return rows.sort((a, b) => order(a, b) || compare(a.name, b.name) || compare(b.gateway, a.gateway));
}

/** @param {readonly import('./model.js').Gateway[]} gateways @param {{ filter: string, sort: string, gateway: string }} view */
export function routeRows(gateways, { filter, sort, gateway }) {
  const fits = finder(filter);
  const rows = all(gateways, 'routes').filter(
    (row) => (gateway === '' || row.gateway === gateway) && fits(`${row.name}\n${row.match}\n${row.service}\n${row.access}`.toLowerCase()),
  );
  return sorted(rows, sort);
}

/** Endpoints of services. @param {readonly import('./model.js').Gateway[]} gateways @param {{ filter: string, sort: string, gateway: string }} view */
export function endpointRows(gateways, { filter, sort, gateway }) {
  const fits = finder(filter);
  const rows = all(gateways, 'services').flatMap((service) =>
    Object.entries(service.endpoints).map(([name, told]) => ({
      ...told,
      kind: 'row',
      key: `${service.key}\n${name}`,
      gateway: service.gateway,
      service: service.name,
      name,
    })),
  );
  const found = rows.filter(
    (row) =>
      (gateway === '' || row.gateway === gateway) && fits(`${row.name}\n${row.service}\n${row.state}\n${row.zone ?? ''}`.toLowerCase()),
  );
  return sorted(found, sort);
}

/** Services with their places. @param {readonly import('./model.js').Gateway[]} gateways @param {{ filter: string, sort: string, gateway: string }} view */
export function limitRows(gateways, { filter, gateway }) {
  const fits = finder(filter);
  const rows = all(gateways, 'services').filter((row) => (gateway === '' || row.gateway === gateway) && fits(row.name.toLowerCase()));
  return rows.sort((a, b) => b.inFlight / b.limit - a.inFlight / a.limit || compare(a.name, b.name));
}

/** Requests of the window that failed, in percent of those that came. @param {any} row */
const failing = ({ rate: came = 0, errors = 0 }) => (came > 0 ? Math.min(100, (errors / (came * 10)) * 100) : 0);

/** @type {import('./table.js').Column} */
const where = { name: 'where', title: 'Gateway', text: ({ gateway }) => gatewayName(gateway) };

/** @type {import('./table.js').Column[]} */
export const routeColumns = [
  { name: 'name', title: 'Route', text: ({ name }) => name, note: ({ match }) => match, hint: ({ name, match }) => `${name}: ${match}` },
  where,
  { name: 'service', title: 'Service', text: ({ service }) => service || '–', hint: ({ service }) => service },
  { name: 'access', title: 'Who', text: ({ access }) => access, hint: ({ access }) => access },
  { name: 'figure', title: 'Rate', text: (row) => rate(row.rate ?? 0) },
  {
    name: 'figure',
    title: 'Failed',
    text: (row) => (row.rate ? percent(failing(row)) : '–'),
    level: (row) => levelOf(failing(row), row.rate > 0),
  },
  { name: 'figure', title: 'Refused', text: ({ refused }) => (refused ? figure(refused) : '–') },
  { name: 'figure', title: 'p50', text: ({ p50 }) => time(p50) },
  { name: 'figure', title: 'p99', text: ({ p99 }) => time(p99) },
];

/** @type {import('./table.js').Column[]} */
export const endpointColumns = [
  { name: 'name', title: 'Endpoint', text: ({ name }) => name, note: ({ service }) => service },
  where,
  {
    name: 'standing',
    title: 'State',
    text: ({ state }) => endpointStates[state]?.words ?? String(state),
    state: ({ state }) => endpointStates[state]?.state ?? 'unknown',
  },
  { name: 'zone', title: 'Zone', text: ({ zone, standby }) => (standby ? `stands by (${standby})` : (zone ?? '–')) },
  { name: 'figure', title: 'Weight', text: ({ weight }) => figure(weight) },
  { name: 'figure', title: 'In flight', text: ({ inFlight }) => figure(inFlight) },
  { name: 'figure', title: 'Latency', text: ({ latency }) => time(latency) },
];

/** @type {import('./table.js').Column[]} */
export const limitColumns = [
  { name: 'name', title: 'Service', text: ({ name }) => name, note: ({ up, members }) => `${up} of ${members} up` },
  where,
  { name: 'figure', title: 'In flight', text: ({ inFlight }) => figure(inFlight) },
  { name: 'figure', title: 'Places', text: ({ limit }) => figure(limit) },
  {
    name: 'figure',
    title: 'Filled',
    text: ({ inFlight, limit }) => percent((inFlight / limit) * 100),
    level: ({ inFlight, limit }) => levelOf(inFlight >= limit ? 100 : inFlight * 2 >= limit ? 5 : 0, inFlight > 0),
  },
  { name: 'figure', title: 'Waiting', text: ({ queued, queue }) => (queue > 0 ? `${queued} of ${queue}` : '–') },
  { name: 'figure', title: 'Refused', text: ({ counts }) => figure(counts.semaphoreRejected ?? 0) },
];
