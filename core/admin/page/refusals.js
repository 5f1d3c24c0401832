/** What the gateways refused, and which routes have a rate limit of their own. */
import { element, part } from '../../page/element.js';
import { figure, gatewayName } from './words.js';

/** Routes that are listed, those that refused most first. */
const MOST = 12;

/** @param {readonly import('./model.js').Gateway[]} gateways */
export function drawRefusals(gateways) {
  const told = gateways.flatMap(({ name, state }) => (state ? [{ name: gatewayName(name).toLowerCase(), state }] : []));
  const boxes = told.flatMap(({ name, state }) => [codes(name, state), ...limited(name, state)]);
  const now = boxes.map((box) => box.textContent).join('\n');
  const where = part('refusals');
  if (where.dataset['drawn'] === now) return;
  where.dataset['drawn'] = now;
  where.replaceChildren(...boxes);
}

/** @param {string} name @param {any} state */
function codes(name, { total }) {
  const refused = Object.entries(total?.refusedBy ?? {}).sort(([, a], [, b]) => b - a);
  const lines = refused.map(([code, count]) => line(code, figure(count)));
  return box(`Refused by the ${name} gateway, last 10 s`, lines.length > 0 ? lines : [element('li', { class: 'muted' }, 'nothing')]);
}

/** @param {string} name @param {any} state */
function limited(name, { routes }) {
  const all = Object.entries(routes).filter(([, { limit }]) => limit);
  if (all.length === 0) return [];
  all.sort(([, a], [, b]) => (b.refused ?? 0) - (a.refused ?? 0));
  const lines = all
    .slice(0, MOST)
    .map(([route, { limit, refused }]) => line(`${route}: ${limit}`, refused ? `${figure(refused)} refused` : 'nothing refused'));
  const more = all.length > MOST ? [element('li', { class: 'muted' }, `and ${all.length - MOST} more`)] : [];
  return [box(`Routes of the ${name} gateway with a limit of their own`, [...lines, ...more])];
}

/** @param {string} title @param {HTMLElement[]} lines */
const box = (title, lines) => element('div', { class: 'surface' }, element('h3', {}, title), element('ul', {}, ...lines));

/** @param {string} what @param {string} count */
const line = (what, count) => element('li', {}, element('span', { class: 'mono', title: what }, what), element('span', {}, count));
