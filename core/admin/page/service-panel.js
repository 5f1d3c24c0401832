/** All of one service, at the side: its circuit with what forces it, what it counts, its endpoints with what drains them. */
import { closesBeside, element, part, write } from '../../page/element.js';
import { change } from './actions.js';
import { circle, sparkline } from './drawing.js';
import { entryOf } from './model.js';
import { circuitOf, endpointStates, eventWords, figure, gatewayName, levelOf, percent, rate, shareOf, time } from './words.js';

/** @param {() => import('./model.js').Pair} pair */
export function servicePanel(pair) {
  const dialog = /** @type {HTMLDialogElement} */ (part('service'));
  /** @type {{ gateway: string, service: string } | undefined} */
  let shown;
  /** @type {ReturnType<typeof contents> | undefined} */
  let drawn;
  dialog.addEventListener('close', () => {
    shown = undefined;
    drawn = undefined;
    dialog.replaceChildren();
  });
  closesBeside(dialog);

  return {
    /** @param {string} gateway @param {string} service */
    open(gateway, service) {
      shown = { gateway, service };
      drawn = contents(
        gateway,
        service,
        () => pair().own?.state?.revision ?? '',
        () => dialog.close(),
      );
      dialog.replaceChildren(...drawn.nodes);
      this.draw();
      if (!dialog.open) dialog.showModal();
    },
    draw() {
      if (!shown || !drawn) return;
      const gateway = pair().find(shown.gateway);
      drawn.update(entryOf(gateway?.state?.services, shown.service), gateway?.lines.get(shown.service));
    },
  };
}

/** @param {string} gateway @param {string} service @param {() => string} revision @param {() => void} close */
function contents(gateway, service, revision, close) {
  const leave = element('button', { type: 'button', autofocus: '' }, 'Close');
  leave.addEventListener('click', close);
  const state = element('span', { class: 'state' });
  const drawnCircle = circle();
  const errors = element('span', { class: 'errors' });
  const heart = element('div', { class: 'heart' }, drawnCircle.node);
  const line = sparkline();
  const pairs = ['Rate', 'Failed', 'Median', '90 % within', '99 % within', 'In flight', 'Waiting', 'Circuit opens at', 'Discovery'].map(
    (title) => ({
      title,
      value: element('dd'),
    }),
  );
  const counts = element('ul', { class: 'counts' });
  const rows = element('tbody');
  const gone = element('p', { class: 'banner', 'data-state': 'out', hidden: '' }, 'The gateway does not use this service any more.');
  const force = forceButtons(service, revision);
  const nodes = [
    element(
      'header',
      {},
      element(
        'div',
        {},
        element('h2', { id: 'service-title' }, service),
        element('span', { class: 'muted' }, `${gatewayName(gateway)} gateway`),
      ),
      leave,
    ),
    gone,
    element(
      'section',
      { class: 'circuit' },
      element('h3', {}, 'Circuit'),
      element('div', { class: 'beside' }, heart, element('div', {}, state, ' ', errors, line.node)),
      force.node,
    ),
    element(
      'section',
      {},
      element('h3', {}, 'Endpoints'),
      element(
        'table',
        { class: 'endpoints', 'aria-label': `Endpoints of ${service}` },
        element(
          'thead',
          {},
          element('tr', {}, ...['Address', 'State', 'Weight', 'Latency', ''].map((title) => element('th', { scope: 'col' }, title))),
        ),
        rows,
      ),
    ),
    element(
      'section',
      {},
      element('h3', {}, 'Figures'),
      element('dl', {}, ...pairs.flatMap(({ title, value }) => [element('dt', {}, title), value])),
    ),
    element('section', {}, element('h3', {}, 'In the window of the circuit'), counts),
  ];
  /** @type {Map<string, ReturnType<typeof endpointLine>>} */
  const lines = new Map();

  /** @param {any} told @param {import('./model.js').Line | undefined} history */
  function update(told, history) {
    gone.hidden = Boolean(told);
    if (!told) return;
    const { words, state: colour } = circuitOf(told);
    state.dataset['state'] = colour;
    write(state, words);
    const section = heart.closest('section');
    if (section) {
      section.dataset['level'] = levelOf(shareOf(told), told.rate > 0);
      section.dataset['circuit'] = told.forced ?? told.circuit;
    }
    drawnCircle.draw(told.rate);
    line.draw(history);
    write(errors, told.rate > 0 ? `${percent(shareOf(told))} failed` : 'no calls');
    force.update(told.forced);
    const { discovery } = told;
    const known = !discovery
      ? 'a fixed list'
      : discovery.failure
        ? `failing for ${discovery.failingFor} s: ${discovery.failure}`
        : discovery.answered
          ? 'answered'
          : 'no answer yet';
    const values = [
      rate(told.rate),
      told.calls > 0 ? `${told.errors} % of ${told.calls} calls` : 'no calls',
      time(told.p50),
      time(told.p90),
      time(told.p99),
      `${figure(told.inFlight)} of ${figure(told.limit)} places`,
      told.queue > 0 ? `${told.queued} of ${told.queue}` : 'nobody may wait',
      `${told.opensAt} % of ${told.volume} or more`,
      known,
    ];
    for (const [at, { value }] of pairs.entries()) write(value, values[at] ?? '');
    const texts = Object.entries(told.counts).map(([event, count]) => `${figure(Number(count))} ${eventWords[event] ?? event}`);
    const text = texts.length > 0 ? texts : ['no calls'];
    if (counts.textContent !== text.join('')) counts.replaceChildren(...text.map((one) => element('li', {}, one)));
    for (const [id, one] of lines) {
      if (Object.hasOwn(told.endpoints, id)) continue;
      one.node.remove();
      lines.delete(id);
    }
    for (const [id, endpoint] of Object.entries(told.endpoints)) {
      const known = lines.get(id) ?? endpointLine(service, id, revision);
      if (!lines.has(id)) rows.append(known.node);
      lines.set(id, known);
      known.update(endpoint);
    }
  }
  return { nodes, update };
}

/** @param {string} service @param {() => string} revision */
function forceButtons(service, revision) {
  const choices = [
    { force: undefined, words: 'Automatic', title: `Let the circuit of ${service} decide by itself again` },
    { force: 'open', words: 'Force open', title: `Force the circuit of ${service} open: every call is refused at once` },
    { force: 'closed', words: 'Force closed', title: `Force the circuit of ${service} closed: it never opens` },
  ];
  const buttons = choices.map(({ force, words, title }) => {
    const button = element('button', { type: 'button', 'aria-pressed': 'false' }, words);
    button.addEventListener('click', () => {
      const body = { circuitBreaker: { force: force ?? null } };
      change({ title, method: 'PATCH', path: `services/${encodeURIComponent(service)}`, body, revision: revision() });
    });
    return { force, button };
  });
  return {
    node: element('div', { class: 'buttons', role: 'group', 'aria-label': 'The circuit is' }, ...buttons.map(({ button }) => button)),
    /** @param {string | undefined} forced */
    update(forced) {
      for (const { force, button } of buttons) button.setAttribute('aria-pressed', String(force === forced));
    },
  };
}

/** @param {string} service @param {string} id @param {() => string} revision */
function endpointLine(service, id, revision) {
  const state = element('span', { class: 'state' });
  const weight = element('button', { type: 'button', class: 'quiet', title: 'Set its weight' });
  const latency = element('td');
  const drain = element('button', { type: 'button' });
  const path = `services/${encodeURIComponent(service)}/endpoints/${encodeURIComponent(id)}`;
  let current = /** @type {any} */ ({});
  drain.addEventListener('click', () => {
    const on = current.state !== 'draining';
    const title = on ? `Drain ${id}: nothing new goes there` : `Let calls go to ${id} again`;
    change({ title, method: 'PATCH', path, body: { drain: on || null }, revision: revision() });
  });
  const input = element('input', { type: 'number', min: '1', max: '1000', 'aria-label': `Weight of ${id}` });
  const form = element('form', { class: 'weight', hidden: '' }, input, element('button', { type: 'submit' }, 'Set'));
  weight.addEventListener('click', () => {
    form.hidden = false;
    weight.hidden = true;
    /** @type {HTMLInputElement} */ (input).value = String(current.weight);
    input.focus();
  });
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const wanted = Number(/** @type {HTMLInputElement} */ (input).value);
    form.hidden = true;
    weight.hidden = false;
    // Where the dialog that follows leads back to.
    weight.focus();
    if (!(wanted >= 1 && wanted <= 1000)) return;
    change({ title: `Give ${id} the weight ${wanted}`, method: 'PATCH', path, body: { weight: wanted }, revision: revision() });
  });
  const node = element(
    'tr',
    {},
    element('th', { scope: 'row', class: 'mono' }, id),
    element('td', {}, state),
    element('td', {}, weight, form),
    latency,
    element('td', {}, drain),
  );
  return {
    node,
    /** @param {any} endpoint */
    update(endpoint) {
      current = endpoint;
      const { words, state: colour } = endpointStates[endpoint.state] ?? { words: String(endpoint.state), state: 'unknown' };
      state.dataset['state'] = colour;
      write(state, words);
      write(weight, figure(endpoint.weight));
      weight.setAttribute('aria-label', `Weight of ${id}: ${endpoint.weight}`);
      write(latency, time(endpoint.latency));
      write(drain, endpoint.state === 'draining' ? 'Undrain' : 'Drain');
      drain.setAttribute('aria-label', `${drain.textContent} ${id}`);
    },
  };
}
