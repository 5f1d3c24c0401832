/** A service on the overview: its circuit, the last two minutes, and what it has left. */
import { element, write } from '../../page/element.js';
import { circle, sparkline } from './drawing.js';
import { circuitOf, figure, levelOf, percent, rate, shareOf, time } from './words.js';

/** @param {string} name @param {() => void} open shows all of it */
export function circuitCard(name, open) {
  const button = element('button', { type: 'button', class: 'name', 'aria-haspopup': 'dialog', title: name, tabindex: '-1' }, name);
  button.addEventListener('click', open);
  const state = element('span', { class: 'state' });
  const drawn = circle();
  const line = sparkline();
  const errors = element('span', { class: 'errors' });
  const speed = element('span', { class: 'rate' });
  const times = ['p50', 'p90', 'p99'].map((which) => ({ which, value: element('dd') }));
  const endpoints = element('span');
  const places = element('span');
  const percentiles = element('dl', { class: 'times' }, ...times.flatMap(({ which, value }) => [element('dt', {}, which), value]));
  const node = element(
    'article',
    { class: 'circuit surface' },
    element('header', {}, button, state),
    element('div', { class: 'heart' }, drawn.node),
    element('div', { class: 'figures' }, element('p', {}, speed, errors), percentiles),
    line.node,
    element('p', { class: 'notes' }, endpoints, places),
  );

  return {
    node,
    button,
    /** @param {any} service @param {import('./model.js').Line | undefined} history */
    update(service, history) {
      const { words, state: colour } = circuitOf(service);
      const share = shareOf(service);
      node.dataset['level'] = levelOf(share, service.rate > 0);
      node.dataset['circuit'] = service.forced ?? service.circuit;
      state.dataset['state'] = colour;
      write(state, words);
      drawn.draw(service.rate);
      line.draw(history);
      write(errors, service.rate > 0 ? `${percent(share)} failed` : 'no calls');
      errors.title = `${service.calls} calls in the window of the circuit; ${service.errors} % failed; it opens at ${service.opensAt} % of ${service.volume} or more`;
      write(speed, rate(service.rate));
      for (const { which, value } of times) write(value, time(service[which]));
      const away = service.members - service.up;
      write(endpoints, service.members === 0 ? 'no endpoint' : away === 0 ? `${service.up} up` : `${service.up} of ${service.members} up`);
      endpoints.toggleAttribute('data-bad', service.up === 0 || away > 0);
      write(
        places,
        `${figure(service.inFlight)} of ${figure(service.limit)} places${service.queued > 0 ? `, ${service.queued} wait` : ''}`,
      );
      places.toggleAttribute('data-bad', service.inFlight >= service.limit);
    },
  };
}
