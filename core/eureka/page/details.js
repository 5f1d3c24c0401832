/** All that one instance said of itself, in a dialog beside the table. */
import { count, moment } from '../../page/amounts.js';
import { closesBeside, element, link, part } from '../../page/element.js';
import { overrideOf, statusBadge, writeLease } from './rows.js';

/** @param {() => number} now by the registry's clock */
export function detailsDialog(now) {
  const dialog = /** @type {HTMLDialogElement} */ (part('details'));
  /** @type {import('./catalogue.js').Instance | undefined} */
  let shown;
  const lease = element('dd');
  dialog.addEventListener('close', () => {
    shown = undefined;
  });
  closesBeside(dialog);

  /** @param {import('./catalogue.js').Instance} instance @param {boolean} gone */
  function draw(instance, gone) {
    const close = element('button', { type: 'button', autofocus: '' }, 'Close');
    close.addEventListener('click', () => dialog.close());
    const badges = gone
      ? [element('span', { class: 'state', 'data-state': 'unknown' }, 'No longer registered')]
      : [statusBadge(instance.status)];
    const heading = element('div', {}, element('h2', { id: 'details-title' }, instance.id), ...badges, ...overrideOf(instance));
    const held = dialog.contains(document.activeElement);
    dialog.replaceChildren(element('header', {}, heading, close), ...sections(instance, lease));
    if (held) close.focus();
  }

  return {
    /** @param {import('./catalogue.js').Instance} instance */
    show(instance) {
      shown = instance;
      draw(instance, false);
      this.tick();
      dialog.showModal();
    },
    /** Follows what is shown. @param {(app: string, id: string) => import('./catalogue.js').Instance | undefined} find */
    follow(find) {
      if (!shown) return;
      const current = find(shown.app, shown.id);
      if (current === shown) return;
      draw(current ?? shown, !current);
      if (current) shown = current;
    },
    /** The lease, which runs out by itself. */
    tick() {
      if (shown) writeLease(lease, shown.expiresAt - now());
    },
  };
}

/** @param {import('./catalogue.js').Instance} instance @param {HTMLElement} lease */
function sections({ app, address, zone, updatedAt, document: said }, lease) {
  const { leaseInfo = {}, port = {}, securePort = {}, dataCenterInfo = {} } = said;
  const named = (/** @type {any} */ { $: number, '@enabled': enabled }) => `${number}${enabled === 'true' ? '' : ', off'}`;
  return [
    section('Where', [
      ['Application', app],
      ['Address', address],
      ['Host', said.hostName],
      ['IP address', said.ipAddr],
      ['Port', named(port)],
      ['Secure port', named(securePort)],
      ['Zone', zone],
      ['Data center', dataCenterInfo.name],
      ['VIP', said.vipAddress],
      ['Secure VIP', said.secureVipAddress],
      ['Group', said.appGroupName],
      ['Scaling group', said.asgName],
    ]),
    section('Lease', [
      ['Lease', lease],
      ['Length', count(leaseInfo.durationInSecs, 'second', 'seconds')],
      ['Renewed every', count(leaseInfo.renewalIntervalInSecs, 'second', 'seconds')],
      ['Registered', moment(leaseInfo.registrationTimestamp)],
      ['Up since', moment(leaseInfo.serviceUpTimestamp)],
      ['Last change', moment(updatedAt)],
    ]),
    section('Links', [
      ['Status page', linked(said.statusPageUrl)],
      ['Home page', linked(said.homePageUrl)],
      ['Health check', linked(said.healthCheckUrl)],
      ['Secure check', linked(said.secureHealthCheckUrl)],
    ]),
    section(
      'Metadata',
      Object.entries(said.metadata ?? {}).filter(([name]) => name !== '@class'),
    ),
    section('Data center', Object.entries(dataCenterInfo.metadata ?? {})),
  ].filter((made) => made !== undefined);
}

/** @param {string} title @param {[string, any][]} entries of which empty ones are left out */
function section(title, entries) {
  const lines = entries.filter(([, value]) => value !== undefined && value !== null && value !== '');
  if (lines.length === 0) return undefined;
  const pairs = lines.flatMap(([name, value]) => [
    element('dt', {}, name),
    value instanceof HTMLElement && value.tagName === 'DD' ? value : element('dd', {}, value instanceof Node ? value : String(value)),
  ]);
  return element('section', {}, element('h3', {}, title), element('dl', {}, ...pairs));
}

/** @param {unknown} address */
const linked = (address) => (typeof address === 'string' && address !== '' ? link(address) : undefined);
