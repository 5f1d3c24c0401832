/** The rows of the table: an application with its counts, an instance with its status and lease. */
import { duration, number } from '../../page/amounts.js';
import { element, httpAddress, write } from '../../page/element.js';
import { statuses } from './catalogue.js';

/** What a status is called, and the colour of which state it has. @type {Record<string, { words: string, state: string }>} */
export const statusWords = {
  UP: { words: 'Up', state: 'good' },
  DOWN: { words: 'Down', state: 'bad' },
  STARTING: { words: 'Starting', state: 'wait' },
  OUT_OF_SERVICE: { words: 'Out of service', state: 'out' },
  UNKNOWN: { words: 'Unknown', state: 'unknown' },
};

/** @param {string} status @param {number} [count] */
export function statusBadge(status, count) {
  const { words = status, state = 'unknown' } = statusWords[status] ?? {};
  return element('span', { class: 'state', 'data-state': state }, count === undefined ? words : `${number(count)} ${words.toLowerCase()}`);
}

/** @param {(app: string) => void} toggle opens or closes an application */
export function applicationRow(toggle) {
  return (/** @type {import('./catalogue.js').ApplicationRow} */ row) => {
    const name = element('span', { title: row.app }, row.app);
    const button = element('button', { type: 'button' }, name);
    button.addEventListener('click', () => toggle(row.app));
    const [address, status] = [cell('address', { class: 'address muted' }), cell('status')];
    const line = lineOf('application', button, address, status, cell('zone'), cell('lease'));
    /** @param {import('./catalogue.js').ApplicationRow} now */
    function update({ size, counts, open }) {
      button.setAttribute('aria-expanded', String(open));
      write(address, size === 1 ? '1 instance' : `${number(size)} instances`);
      const badges = statuses.toReversed().flatMap((known) => (counts.has(known) ? [statusBadge(known, counts.get(known))] : []));
      status.replaceChildren(element('span', { class: 'counts' }, ...badges));
    }
    update(row);
    return { line, update };
  };
}

/** @param {(app: string, id: string) => void} detail shows all of an instance @param {() => number} now by the registry's clock */
export function instanceRow(detail, now) {
  return (/** @type {import('./catalogue.js').InstanceRow} */ row) => {
    const { app, id } = row.instance;
    const button = element('button', { type: 'button', 'aria-haspopup': 'dialog' }, element('span', { title: id }, id));
    button.addEventListener('click', () => detail(app, id));
    const [address, status, zone, lease] = [cell('address', { class: 'address mono' }), cell('status'), cell('zone'), cell('lease')];
    const line = lineOf('instance', button, address, status, zone, lease);
    /** @type {import('./catalogue.js').Instance | undefined} */
    let drawn;
    /** @param {import('./catalogue.js').InstanceRow} now */
    function update({ instance }) {
      if (instance !== drawn) {
        if (drawn || instance.fresh) flash(line);
        drawn = instance;
        instance.fresh = false;
        address.replaceChildren(addressOf(instance));
        status.replaceChildren(statusBadge(instance.status), ...overrideOf(instance));
        write(zone, instance.zone);
        zone.title = instance.zone;
      }
      writeLease(lease, instance.expiresAt - now());
    }
    update(row);
    return { line, update };
  };
}

/** @param {HTMLElement} where @param {number} left milliseconds until the lease runs out */
export function writeLease(where, left) {
  write(where, left >= 0 ? `${duration(left)} left` : `out ${duration(-left)} ago`);
  where.toggleAttribute('data-late', left < 0);
}

/** @param {import('./catalogue.js').Instance} instance */
export function overrideOf({ overridden, document }) {
  if (!overridden) return [];
  const title = `An operator set ${document.overriddenStatus}, which stands until it is taken back`;
  return [element('span', { class: 'override', title }, 'overridden')];
}

/** @param {import('./catalogue.js').Instance} instance */
function addressOf({ address, id, document }) {
  const href = httpAddress(document.statusPageUrl);
  if (!href) return element('span', { title: address }, address);
  const title = `${address}: its status page`;
  return element(
    'a',
    { href, title, rel: 'noreferrer noopener', target: '_blank', 'aria-label': `${address}, status page of ${id}` },
    address,
  );
}

/** @param {HTMLElement} line */
function flash(line) {
  line.classList.remove('changed');
  requestAnimationFrame(() => line.classList.add('changed'));
}

/** Roles are named, for on a phone these are no table to CSS. @param {string} kind @param {HTMLElement} button @param {HTMLElement[]} cells */
function lineOf(kind, button, ...cells) {
  return element('tr', { role: 'row', class: kind }, element('th', { role: 'rowheader', scope: 'row', class: 'name' }, button), ...cells);
}

/** @param {string} column @param {Record<string, string>} attributes */
function cell(column, attributes = {}) {
  return element('td', { role: 'cell', class: column, ...attributes });
}
