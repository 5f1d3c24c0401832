/** Who calls what: a line for each caller and service, as wide as what passes, in the colour of what fails, and the same as a table. */
import { element, part, write } from '../../page/element.js';
import { svg } from './drawing.js';
import { layOut, OTHERS } from './traffic-layout.js';
import { gatewayName, levelOf, percent, rate } from './words.js';

/** Pixels: of the drawing, whose writing is as large as all writing, and of the bars. */
const NARROWEST = 290;
const WIDEST = 1_080;
const BAR = 10;

/** Pixels of a letter of a name. */
const LETTER = 7.6;

/** Rows of the table. */
const MOST = 60;

export function trafficView() {
  let drawn = '';
  return {
    /** @param {readonly import('./model.js').Gateway[]} gateways @param {{ gateway: string }} view */
    draw(gateways, { gateway }) {
      const edges = gateways
        .filter(({ name, state }) => state?.traffic && (gateway === '' || gateway === name))
        .flatMap(({ name, state }) =>
          state.traffic.map((/** @type {any} */ edge) => ({
            ...edge,
            from: name === 'public-gateway' ? `${edge.from} (public)` : edge.from,
          })),
        );
      const width = Math.max(NARROWEST, Math.min(WIDEST, part('traffic-graph').clientWidth));
      const now = JSON.stringify([width, edges]);
      if (now === drawn) return;
      drawn = now;
      part('traffic-empty').hidden = edges.length > 0;
      part('traffic-graph').replaceChildren(...(edges.length > 0 ? [graph(layOut(edges), width)] : []));
      drawTable(edges);
    },
  };
}

/** @param {ReturnType<typeof layOut>} layout @param {number} across */
function graph({ left, right, ribbons, height }, across) {
  const side = Math.min(210, Math.round(across * 0.34));
  const label = `${left.length} callers and ${right.length} services; the table below says the same`;
  const box = {
    viewBox: `0 -2 ${across} ${height + 4}`,
    width: across,
    height: height + 4,
    role: 'img',
    'aria-label': label,
    class: 'traffic',
  };
  return svg(
    'svg',
    box,
    ...ribbons.map(({ from, to, rate: width, errors, y1, y2, width: stroke }) => {
      const [x1, x2] = [side + BAR, across - side - BAR];
      const path = svg('path', {
        class: 'ribbon',
        d: `M${x1} ${y1}C${across / 2} ${y1} ${across / 2} ${y2} ${x2} ${y2}`,
        'stroke-width': stroke,
        'data-level': levelOf(width > 0 ? (errors / width) * 100 : 0, width > 0),
      });
      path.append(titled(`${from} → ${to}: ${rate(width)}, ${percent(width > 0 ? (errors / width) * 100 : 0)} failed`));
      return path;
    }),
    ...left.map((node) => nodeOf(node, side, { at: side - 8, anchor: 'end', room: side - 8 })),
    ...right.map((node) => nodeOf(node, across - side - BAR, { at: across - side + 8, anchor: 'start', room: side - 8 })),
  );
}

/** @param {import('./traffic-layout.js').Node} node @param {number} x of the bar @param {{ at: number, anchor: string, room: number }} name */
function nodeOf({ name, rate: flow, errors, y, height }, x, { at, anchor, room }) {
  const level = levelOf(flow > 0 ? (errors / flow) * 100 : 0, flow > 0);
  const name_ = svg('text', { x: at, y: y + height / 2 - 1, 'text-anchor': anchor, class: name === OTHERS ? 'others' : 'who' });
  const most = Math.floor(room / LETTER);
  name_.textContent = name.length > most ? `${name.slice(0, most - 1)}…` : name;
  const flow_ = svg('text', { x: at, y: y + height / 2 + 12, 'text-anchor': anchor, class: 'flow' });
  flow_.textContent = `${rate(flow)}${errors > 0 ? ` · ${percent((errors / flow) * 100)}${room > 150 ? ' failed' : ''}` : ''}`;
  const bar = svg('rect', { x, y, width: BAR, height, rx: 3, class: 'bar', 'data-level': level });
  return svg('g', {}, bar, name_, flow_, titled(`${name}: ${rate(flow)}`));
}

/** @param {string} text */
function titled(text) {
  const made = svg('title');
  made.textContent = text;
  return made;
}

/** @param {{ from: string, service: string, rate: number, errors: number }[]} edges */
function drawTable(edges) {
  const rows = edges
    .sort((a, b) => b.rate - a.rate)
    .slice(0, MOST)
    .map(({ from, service, rate: flow, errors }) =>
      element(
        'tr',
        {},
        element('th', { scope: 'row' }, from),
        element('td', {}, service),
        element('td', { class: 'figure' }, rate(flow)),
        element('td', { class: 'figure' }, percent(flow > 0 ? (errors / flow) * 100 : 0)),
      ),
    );
  part('traffic-rows').replaceChildren(...rows);
  part('traffic-table').hidden = rows.length === 0;
}

/** Who calls most: users of the public gateway, callers of the private one. @param {readonly import('./model.js').Gateway[]} gateways */
export function drawWho(gateways) {
  for (const { name, state } of gateways) {
    const where = document.getElementById(`who-${name}`);
    if (!where) continue;
    const who = state?.who ?? [];
    const list = where.querySelector('ol');
    where.hidden = who.length === 0;
    const lines = who.map((/** @type {any} */ one) =>
      element(
        'li',
        {},
        element('span', { class: 'who' }, one.name),
        element('span', { class: 'muted' }, `${rate(one.rate)}${one.refused ? ` · ${one.refused} refused` : ''}`),
      ),
    );
    list?.replaceChildren(...lines);
    const title = where.querySelector('h3');
    if (title)
      write(title, name === 'public-gateway' ? 'Users of the public gateway' : `Callers of the ${gatewayName(name).toLowerCase()} gateway`);
  }
}
