/** What was changed lately, how the last reload went, and the way back. */
import { moment } from '../../page/amounts.js';
import { element, part, write } from '../../page/element.js';
import { act, change } from './actions.js';
import { ago } from './clock.js';
import { gatewayName } from './words.js';

/** @param {() => import('./model.js').Pair} pair */
export function changesView(pair) {
  let drawn = '';
  /** Those of the list, by their ids: a dialog leads back to the one that opened it, though the list is drawn anew meanwhile. */
  let buttons = new Map();
  part('reload').addEventListener('click', () =>
    act('reload', {}, ({ changed, needsRestart = [] }) =>
      !changed
        ? 'Read again: nothing has changed.'
        : needsRestart.length > 0
          ? `Read again. A restart takes up ${needsRestart.join(', ')}.`
          : 'Read again.',
    ),
  );
  return {
    /** @param {readonly import('./model.js').Gateway[]} gateways */
    draw(gateways) {
      const told = gateways.flatMap(({ name, state }) => (state?.reload ? [{ name, reload: state.reload }] : []));
      const now = JSON.stringify(told);
      if (now === drawn) return tick();
      drawn = now;
      part('reloads').replaceChildren(...told.map(({ name, reload }) => lastReload(name, reload)));
      const changes = merge(told);
      const list = part('changes-list');
      const focused = list.contains(document.activeElement) ? document.activeElement?.id : undefined;
      const before = buttons;
      buttons = new Map(
        changes.map((one) => {
          const id = `back-${one.from}-${one.revision}-${one.at}`;
          return [id, before.get(id) ?? backButton(id, one.from, () => pair().own?.state?.revision ?? '')];
        }),
      );
      const back = [...buttons.values()];
      list.replaceChildren(...changes.map((one, at) => line(one, back[at])));
      if (focused !== undefined) (document.getElementById(focused) ?? list.querySelector('button'))?.focus({ preventScroll: true });
      part('changes-empty').hidden = changes.length > 0;
    },
  };
}

/** The same on both is one change; what was taken back and made again is two. @param {{ name: string, reload: any }[]} told */
export function merge(told) {
  /** @type {Map<string, any>} */
  const merged = new Map();
  for (const { name, reload } of told) {
    /** @type {Map<string, number>} */
    const seen = new Map();
    for (const one of reload.changes) {
      const what = `${one.from} ${one.revision}`;
      const nth = (seen.get(what) ?? 0) + 1;
      seen.set(what, nth);
      const key = `${what} ${nth}`;
      const same = merged.get(key);
      merged.set(key, { ...one, ...same, gateways: [...(same?.gateways ?? []), name] });
    }
  }
  return [...merged.values()].sort((a, b) => b.at - a.at);
}

/** @param {string} name @param {any} reload */
function lastReload(name, { at, ok, cause, findings, needsRestart }) {
  const state = ok ? (needsRestart.length > 0 ? 'out' : 'good') : 'bad';
  const words = !ok
    ? 'The last reload failed: what ran before runs on'
    : needsRestart.length > 0
      ? 'In force, but for what needs a restart'
      : 'In force';
  return element(
    'div',
    { class: 'banner', 'data-state': state },
    element('h3', {}, `${gatewayName(name)} gateway: ${words}`),
    element('p', {}, at ? element('time', { 'data-at': String(at), title: moment(at) }, ago(at)) : '', at ? ` · by ${cause}` : ''),
    ...(needsRestart.length > 0 ? [element('p', {}, `A restart takes up ${needsRestart.join(', ')}.`)] : []),
    ...findings.map((/** @type {string} */ finding) => element('p', { class: 'mono' }, finding)),
  );
}

/** @param {string} id @param {string} from @param {() => string} revision */
function backButton(id, from, revision) {
  const back = element('button', { type: 'button', id }, 'Back to before');
  back.addEventListener('click', () =>
    change({
      title: `Back to the revision ${from}`,
      method: 'POST',
      path: `revisions/${encodeURIComponent(from)}/rollback`,
      revision: revision(),
    }),
  );
  return back;
}

/** @param {any} one @param {HTMLElement} back */
function line({ at, revision: made, from, cause, note, summary, gateways }, back) {
  return element(
    'li',
    { class: 'surface' },
    element(
      'div',
      {},
      element('p', {}, element('time', { 'data-at': String(at), title: moment(at) }, ago(at)), ` · by ${cause}${note ? ` · ${note}` : ''}`),
      element('p', { class: 'muted small' }, `${from} → ${made} · ${gateways.map(gatewayName).join(', ')}`),
      element('ul', {}, ...summary.map((/** @type {string} */ text) => element('li', { class: 'mono' }, text))),
    ),
    back,
  );
}

/** Times go on while nothing else does. */
function tick() {
  for (const time of document.querySelectorAll('time[data-at]'))
    if (time instanceof HTMLElement) write(time, ago(Number(time.dataset['at'])));
}
