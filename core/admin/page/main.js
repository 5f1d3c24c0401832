/** The dashboard: what the events tell goes into the pair, and once a frame what is in sight is drawn from it. */
import { element, part, write } from '../../page/element.js';
import { act, keepSaid } from './actions.js';
import { changesView } from './changes.js';
import { setClock } from './clock.js';
import { showConnection } from './connection.js';
import { follow } from './feed.js';
import { singleKeys } from './keys.js';
import { Pair } from './model.js';
import { overview } from './overview.js';
import { drawRefusals } from './refusals.js';
import { requestsView } from './requests.js';
import { routePanel } from './route-panel.js';
import { endpointColumns, endpointRows, limitColumns, limitRows, routeColumns, routeRows } from './rows.js';
import { servicePanel } from './service-panel.js';
import { dataTable } from './table.js';
import { askToken } from './token.js';
import { drawWho, trafficView } from './traffic.js';
import { schemeSwitch, tabs, views } from './views.js';
import { gatewayName } from './words.js';

const pair = new Pair();
const filter = /** @type {HTMLInputElement} */ (part('filter'));
const sort = /** @type {HTMLSelectElement} */ (part('sort'));
const only = /** @type {HTMLSelectElement} */ (part('only'));
/** Milliseconds that drawing took last. */
let took = 0;
let asked = false;

const service = servicePanel(() => pair);
const route = routePanel(
  () => pair,
  (gateway, name) => service.open(gateway, name),
);
const circuits = overview((gateway, name) => service.open(gateway, name));
const traffic = trafficView();
const changes = changesView(() => pair);
const requests = requestsView();
const routes = dataTable(part('routes-table'), {
  label: 'Routes',
  columns: routeColumns,
  open: ({ gateway, name }) => route.open(gateway, name),
});
const endpoints = dataTable(part('endpoints-table'), {
  label: 'Endpoints',
  columns: endpointColumns,
  open: ({ gateway, service: name }) => service.open(gateway, name),
});
const limits = dataTable(part('limits-table'), {
  label: 'Places',
  columns: limitColumns,
  open: ({ gateway, name }) => service.open(gateway, name),
});

const view = () => ({ filter: filter.value, sort: sort.value, gateway: only.value });

/** @type {Record<string, () => void>} */
const drawing = {
  overview: () => circuits.draw(pair.gateways, view()),
  routes() {
    const rows = routeRows(pair.gateways, view());
    routes.show(
      rows,
      JSON.stringify(view()),
      filter.value ? 'Nothing matches.' : 'No route leads through these gateways yet. Write one under routes in the configuration.',
    );
    write(part('matches'), filter.value ? `${rows.length} match` : `${rows.length} in all`);
  },
  endpoints() {
    const rows = endpointRows(pair.gateways, view());
    endpoints.show(rows, JSON.stringify(view()), filter.value ? 'Nothing matches.' : 'No service has an endpoint yet.');
    write(part('matches'), filter.value ? `${rows.length} match` : `${rows.length} in all`);
  },
  limits() {
    limits.show(limitRows(pair.gateways, view()), JSON.stringify(view()), filter.value ? 'Nothing matches.' : 'No service is in use yet.');
    drawRefusals(pair.gateways);
  },
  traffic() {
    traffic.draw(pair.gateways, view());
    drawWho(pair.gateways);
  },
  requests() {},
  changes: () => changes.draw(pair.gateways),
};

/** What the tools above a view are for. @type {Record<string, readonly string[]>} */
const tools = {
  overview: ['filter', 'sort'],
  routes: ['filter', 'sort', 'only'],
  endpoints: ['filter', 'sort', 'only'],
  limits: ['filter', 'only'],
  traffic: ['only'],
  requests: [],
  changes: [],
};
/** @type {Record<string, [string, string][]>} */
const sorts = {
  overview: [
    ['trouble', 'trouble first'],
    ['busy', 'busiest first'],
    ['name', 'by name'],
  ],
  routes: [
    ['busy', 'busiest first'],
    ['errors', 'most errors'],
    ['slow', 'slowest first'],
    ['name', 'by name'],
  ],
  endpoints: [
    ['trouble', 'trouble first'],
    ['name', 'by name'],
  ],
};

const opened = tabs((name, rest) => {
  part('tools').hidden = tools[name]?.length === 0;
  for (const tool of ['filter', 'sort', 'only']) part(`${tool}-tool`).hidden = !tools[name]?.includes(tool);
  const before = sort.value;
  sort.replaceChildren(...(sorts[name] ?? []).map(([value, words]) => element('option', { value }, words)));
  if (sorts[name]?.some(([value]) => value === before)) sort.value = before;
  write(part('matches'), '');
  if (name === 'requests') {
    requests.readLately();
    if (rest) requests.lookUp(rest);
  }
  draw();
});

function draw() {
  const began = performance.now();
  asked = false;
  const { own } = pair;
  part('contents').hidden = !own?.state;
  if (!own?.state) return;
  drawing[opened.current]?.();
  service.draw();
  route.draw();
  drawDifference();
  took = performance.now() - began;
}

/** Once a frame, and seldom enough that the browser keeps most of its time. */
function drawSoon() {
  if (asked) return;
  asked = true;
  setTimeout(() => requestAnimationFrame(draw), took < 16 ? 0 : took * 4);
}

/** That the two run different configurations is seen on every view. */
function drawDifference() {
  const revisions = pair.gateways.flatMap(({ name, state }) => (state ? [`${gatewayName(name)} ${state.revision}`] : []));
  const differ = new Set(revisions.map((text) => text.split(' ')[1])).size > 1;
  part('differ').hidden = !differ;
  if (differ) write(part('differ-text'), `They run different revisions: ${revisions.join(', ')}.`);
}

const feed = follow({
  event(name, data) {
    pair.take(name, data);
    if (data.gateway === pair.own?.name) setClock(data.at);
    drawSoon();
  },
  connection: showConnection,
});
part('retry').addEventListener('click', async () => {
  if (part('connection').dataset['state'] === 'out') await askToken();
  feed.retry();
});
for (const control of [filter, sort, only]) control.addEventListener('input', drawSoon);
part('purge-all').addEventListener('click', () =>
  act('cache/purge', { all: true }, ({ purged = 0 }) => `${purged} stored answers were taken out.`),
);
part('skip').addEventListener('click', (event) => {
  event.preventDefault();
  part('contents').focus();
});
keepSaid();
part('said-close').addEventListener('click', () => part('said').hidePopover());
const help = /** @type {HTMLDialogElement} */ (part('help'));
part('help-open').addEventListener('click', () => help.showModal());
part('help-close').addEventListener('click', () => help.close());
const nextScheme = schemeSwitch();
singleKeys((key) => {
  const view = views[Number(key) - 1];
  if (view) opened.go(view);
  else if (key === '/')
    (tools[opened.current]?.includes('filter') ? filter : opened.current === 'requests' ? part('request-id') : filter).focus();
  else if (key === '?') help.showModal();
  else if (key === 't') nextScheme();
  else return false;
  return true;
});
opened.follow();
