/** All of one route, at the side. */
import { closesBeside, element, part, write } from '../../page/element.js';
import { act } from './actions.js';
import { entryOf } from './model.js';
import { figure, gatewayName, rate, time } from './words.js';

/** @param {() => import('./model.js').Pair} pair @param {(gateway: string, service: string) => void} openService */
export function routePanel(pair, openService) {
  const dialog = /** @type {HTMLDialogElement} */ (part('route'));
  /** @type {{ gateway: string, name: string, values: Map<string, HTMLElement> } | undefined} */
  let shown;
  dialog.addEventListener('close', () => {
    shown = undefined;
    dialog.replaceChildren();
  });
  closesBeside(dialog);

  return {
    /** @param {string} gateway @param {string} name */
    open(gateway, name) {
      const told = entryOf(pair().find(gateway)?.state?.routes, name);
      if (!told) return;
      const titles = ['Takes', 'Service', 'Who', 'Rate limit', 'Rate', 'Failed', 'Refused', 'Median', '90 % within', '99 % within'];
      const values = new Map(titles.map((title) => [title, element('dd')]));
      const close = element('button', { type: 'button', autofocus: '' }, 'Close');
      close.addEventListener('click', () => dialog.close());
      const services = Object.keys(pair().find(gateway)?.state?.services ?? {}).filter((service) =>
        told.service.split(/[ ,+]+/).includes(service),
      );
      const buttons = services.map((service) => {
        const button = element('button', { type: 'button' }, `Circuit of ${service}`);
        button.addEventListener('click', () => {
          dialog.close();
          openService(gateway, service);
        });
        return button;
      });
      dialog.replaceChildren(
        element(
          'header',
          {},
          element(
            'div',
            {},
            element('h2', { id: 'route-title' }, name),
            element('span', { class: 'muted' }, `${gatewayName(gateway)} gateway`),
          ),
          close,
        ),
        element(
          'section',
          {},
          element('h3', {}, 'Route'),
          element('dl', {}, ...titles.flatMap((title) => [element('dt', {}, title), values.get(title) ?? ''])),
        ),
        element('section', {}, element('div', { class: 'buttons' }, ...buttons, ...(told.cache ? [purgeButton(name)] : []))),
      );
      shown = { gateway, name, values };
      this.draw();
      dialog.showModal();
    },
    draw() {
      if (!shown) return;
      const told = entryOf(pair().find(shown.gateway)?.state?.routes, shown.name);
      if (!told) return;
      /** @type {Record<string, string>} */
      const texts = {
        Takes: told.match,
        Service: told.service,
        Who: told.access,
        'Rate limit': told.limit ?? 'that of the gateway',
        Rate: rate(told.rate ?? 0),
        Failed: figure(told.errors ?? 0),
        Refused: figure(told.refused ?? 0),
        Median: time(told.p50),
        '90 % within': time(told.p90),
        '99 % within': time(told.p99),
      };
      for (const [title, value] of shown.values) write(value, texts[title] ?? '');
    },
  };
}

/** @param {string} route */
function purgeButton(route) {
  const button = element('button', { type: 'button' }, 'Purge its cache');
  button.addEventListener('click', () =>
    act('cache/purge', { route }, ({ purged = 0 }) => `${purged} stored answers of ${route} were taken out.`),
  );
  return button;
}
