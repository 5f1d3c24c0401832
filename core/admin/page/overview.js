/** The pair side by side: how each gateway is, and the circuit of every service that it calls. */
import { duration, moment } from '../../page/amounts.js';
import { element, httpAddress, part, write } from '../../page/element.js';
import { circuitCard } from './circuit.js';
import { sparkline } from './drawing.js';
import { roving } from './keys.js';
import { gatewayName, levelOf, percent, rate, time, troubleOf } from './words.js';

/** Milliseconds for which circuits keep their places: what moves cannot be clicked on. */
const PLACED = 10_000;

/** Seconds that the figures are of. */
const SECONDS = 10;

/** @typedef {ReturnType<typeof circuitCard>} Card */

/** @param {string} name of the gateway @param {(gateway: string, service: string) => void} open */
function panel(name, open) {
  const state = element('span', { class: 'state' });
  const facts = element('span');
  const registry = element('span', { class: 'registry' });
  const meta = element('p', { class: 'meta muted' }, facts, registry);
  const own = element('span', { class: 'own' });
  const titles = { rate: 'Requests', errors: 'Failed', refused: 'Refused', p99: 'p99' };
  const figures = Object.entries(titles).map(([key, title]) => ({ key, value: element('dd', { 'data-figure': key }), title }));
  const line = sparkline();
  const grid = element('div', { class: 'circuits', role: 'group', 'aria-label': `Services behind the ${name}` });
  const empty = element('p', { class: 'empty' });
  const node = element(
    'article',
    { class: 'gateway', 'aria-label': name },
    element('header', {}, element('h2', {}, `${gatewayName(name)} gateway`), state, own),
    meta,
    element(
      'div',
      { class: 'totals surface' },
      element('dl', {}, ...figures.map(({ title, value }) => element('div', {}, element('dt', {}, title), value))),
      line.node,
    ),
    grid,
    empty,
  );
  roving(grid, 'button.name');
  /** @type {Map<string, Card>} */
  const cards = new Map();
  let placedAt = 0;
  let placedBy = '';

  /** @param {import('./model.js').Gateway} gateway @param {View} view */
  function update({ state: told, standing, lines, total }, view) {
    node.toggleAttribute('data-away', !told);
    const [colour, words] = standingOf(told, standing);
    state.dataset['state'] = colour;
    write(state, words);
    const page = standing && httpAddress(standing.url);
    if (page && !own.firstChild) own.append(element('a', { href: page, rel: 'noreferrer' }, 'its own page'));
    if (!told) write(facts, awayText(standing));
    if (!told) {
      grid.replaceChildren();
      cards.clear();
      registry.hidden = true;
      for (const { value } of figures) write(value, '–');
      line.draw(undefined);
      write(empty, '');
      return;
    }
    write(facts, `revision ${told.revision} · up ${duration(told.at - told.started)}${pressure(told)}`);
    facts.title = `Postern ${told.postern}, since ${moment(told.started)}`;
    line.draw(total);
    drawTotals(told);
    drawRegistry(told.registry);
    drawCircuits(told, lines, view);
  }

  /** @param {any} told */
  function drawTotals(told) {
    const services = Object.values(told.services);
    const sum = (/** @type {string} */ of) => services.reduce((all, service) => all + service[of], 0);
    const calls = sum('rate');
    const share = calls > 0 ? (sum('failures') / calls) * 100 : 0;
    const { total } = told;
    const slowest = Math.max(...services.map(({ p99 = 0 }) => p99), 0) || undefined;
    const values = {
      rate: rate(total?.rate ?? Math.round(calls * 10) / 10),
      errors: calls > 0 ? percent(share) : '–',
      refused: total ? rate((total.refused ?? 0) / SECONDS) : '–',
      p99: time(total ? total.p99 : slowest),
    };
    for (const { key, value } of figures) {
      write(value, values[/** @type {keyof typeof values} */ (key)]);
      if (key === 'errors') value.dataset['level'] = levelOf(share, calls > 0);
    }
  }

  /** @param {any} told */
  function drawRegistry(told) {
    registry.hidden = !told;
    if (!told) return;
    const { UP = 0, ...rest } = told.statuses;
    const others = Object.entries(rest).map(([status, count]) => `, ${count} ${status.toLowerCase().replaceAll('_', ' ')}`);
    const text = `${UP} up${others.join('')}${told.evicting ? '' : ', self-preservation'}`;
    registry.title = `${told.applications} applications`;
    if (!registry.firstChild) {
      const href = httpAddress(told.url);
      const label = href ? element('a', { href: new URL('/', href).href, rel: 'noreferrer' }, 'Registry') : 'Registry';
      registry.append(' · ', label, ' ', element('span'));
    }
    write(/** @type {HTMLElement} */ (registry.lastChild), text);
  }

  /** @param {any} told @param {Map<string, import('./model.js').Line>} lines @param {View} view */
  function drawCircuits(told, lines, { filter, sort }) {
    const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
    const shown = Object.entries(told.services).filter(([service]) => words.every((word) => service.toLowerCase().includes(word)));
    for (const [service, card] of cards) {
      if (shown.some(([other]) => other === service)) continue;
      card.node.remove();
      cards.delete(service);
    }
    let added = false;
    for (const [service, of] of shown) {
      let card = cards.get(service);
      if (!card) {
        card = circuitCard(service, () => open(name, service));
        cards.set(service, card);
        added = true;
      }
      card.update(of, lines.get(service));
    }
    const busy = grid.matches(':hover') || grid.contains(document.activeElement);
    if (added || placedBy !== sort || (!busy && Date.now() - placedAt > PLACED)) place(shown, sort);
    if (!grid.querySelector('button.name[tabindex="0"]')) grid.querySelector('button.name')?.setAttribute('tabindex', '0');
    const none = Object.keys(told.services).length === 0;
    write(
      empty,
      none ? 'No route of this gateway has a service yet. Add one to the configuration.' : shown.length === 0 ? 'Nothing matches.' : '',
    );
  }

  /** @param {[string, any][]} shown @param {string} sort */
  function place(shown, sort) {
    placedAt = Date.now();
    placedBy = sort;
    const by = { trouble: (/** @type {any} */ of) => troubleOf(of), busy: (/** @type {any} */ of) => of.rate }[sort] ?? (() => 0);
    const order = [...shown].sort(([a, one], [b, other]) => by(other) - by(one) || a.localeCompare(b, 'en', { numeric: true }));
    const nodes = order.flatMap(([service]) => cards.get(service)?.node ?? []);
    nodes.forEach((card, at) => {
      if (grid.children[at] !== card) grid.insertBefore(card, grid.children[at] ?? null);
    });
  }

  return { node, update };
}

/** @param {any} told @param {any} standing @returns {[string, string]} */
function standingOf(told, standing) {
  if (!told) return standing?.is === 'away' ? ['bad', 'Not reached'] : ['unknown', 'Asking'];
  if (told.overload >= 1) return ['bad', 'Overloaded'];
  return told.ready.ok ? ['good', 'Ready'] : ['out', `Not ready: ${told.ready.failing.join(', ')}`];
}

/** @param {any} told */
const pressure = ({ overload }) => ` · pressure ${Math.round(overload * 100)} %`;

/** @param {any} standing */
function awayText(standing) {
  if (standing?.is !== 'away') return 'Waiting for its first word.';
  return `${standing.url} since ${moment(standing.since)}: ${standing.why}. It is tried again and again; admin.peer of the configuration says where it is.`;
}

/**
 * @typedef {{ filter: string, sort: string }} View
 * @param {(gateway: string, service: string) => void} open
 */
export function overview(open) {
  /** @type {Map<string, ReturnType<typeof panel>>} */
  const panels = new Map();
  return {
    /** @param {readonly import('./model.js').Gateway[]} gateways @param {View} view */
    draw(gateways, view) {
      const where = part('pair');
      for (const gateway of gateways) {
        if (panels.has(gateway.name)) continue;
        panels.set(gateway.name, panel(gateway.name, open));
        where.replaceChildren(...gateways.flatMap(({ name }) => panels.get(name)?.node ?? []));
      }
      for (const gateway of gateways) panels.get(gateway.name)?.update(gateway, view);
      where.dataset['gateways'] = String(gateways.length);
    },
  };
}
