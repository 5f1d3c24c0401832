/** What stands above the table: the connection, the warning, how the registry is, and its peers. */
import { count, duration, number } from '../../page/amounts.js';
import { element, part, write } from '../../page/element.js';
import { statuses } from './catalogue.js';
import { INTERVAL } from './feed.js';
import { statusWords } from './rows.js';

/** Seconds from the start in which the heartbeats of a whole minute cannot have come yet. */
const YOUNG = 75;

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });

/** @type {Record<import('./feed.js').Connection, { state: string, words: string }>} */
const connections = {
  connecting: { state: 'unknown', words: 'Connecting' },
  live: { state: 'good', words: 'Live' },
  asking: { state: 'wait', words: `Asking every ${INTERVAL / 1000} s` },
  waiting: { state: 'wait', words: 'Waits for its peers' },
  lost: { state: 'bad', words: 'Disconnected' },
};

/** @type {import('./feed.js').Connection} */
let connection = 'connecting';

/** @param {import('./feed.js').Connection} now */
export function showConnection(now) {
  if (now === connection) return;
  connection = now;
  const { state, words } = connections[now];
  const since = now === 'lost' ? ` since ${clock.format(Date.now())}` : '';
  const badge = part('connection');
  badge.dataset['state'] = state;
  badge.title = now === 'asking' ? 'As many readers follow the event stream as may' : '';
  write(badge, `${words}${since}`);
  document.title = `${now === 'lost' ? 'Disconnected · ' : ''}Registry · Postern`;
}

/** @param {any} summary */
export function showSummary({ postern, uptime, strict, instances, renewals, peers = [] }) {
  const { lastMinute, threshold, evicting } = renewals;
  write(part('environment'), `Postern ${postern}`);
  write(part('renewals'), number(lastMinute));
  write(part('renewals-note'), `threshold ${number(threshold)}`);
  write(part('eviction'), evicting ? 'On' : 'Paused');
  write(part('eviction-note'), evicting ? 'removes expired leases' : instances === 0 ? 'nobody is here' : 'by self-preservation');
  write(part('uptime'), duration(uptime * 1000));
  write(part('uptime-note'), strict ? 'strictEureka is on' : 'strictEureka is off');
  showWarning(!evicting && instances > 0, { lastMinute, threshold, young: uptime < YOUNG });
  showPeers(peers);
}

/** @param {boolean} preserving @param {{ lastMinute: number, threshold: number, young: boolean }} figures */
function showWarning(preserving, { lastMinute, threshold, young }) {
  const warning = part('warning');
  const text = `${count(lastMinute, 'renewal', 'renewals')} came in the last minute. At ${number(threshold)} or fewer the registry takes \
the network to be at fault and evicts nobody, so that some of the instances below may be gone.`;
  if (!preserving) return warning.replaceChildren();
  const state = young ? 'out' : 'bad';
  if (!warning.firstElementChild) {
    const title = element('h2', {}, 'Self-preservation: renewals are below the threshold');
    warning.append(element('div', { class: 'banner', 'data-state': state }, title, element('p'), element('p', { class: 'muted' })));
  }
  warning.firstElementChild?.setAttribute('data-state', state);
  const [said, start] = warning.querySelectorAll('p');
  if (said) write(said, text);
  if (start) write(start, young ? 'It started less than a minute ago: most renewals are still to come.' : '');
}

/** @param {{ url: string, queued: number, sent: number, dropped: number, failingSince?: number, itself: boolean }[]} peers */
function showPeers(peers) {
  const section = part('peers');
  section.hidden = peers.length === 0;
  const lines = peers.map(({ url, queued, sent, dropped, failingSince, itself }) => {
    const reached = itself ? 'This registry itself' : 'Reached';
    const [state, words] = failingSince ? ['bad', `Failing since ${clock.format(failingSince)}`] : ['good', reached];
    return element(
      'tr',
      {},
      element('th', { scope: 'row', class: 'mono' }, url),
      element('td', {}, element('span', { class: 'state', 'data-state': state }, words)),
      ...[queued, sent, dropped].map((changes) => element('td', {}, number(changes))),
    );
  });
  section.querySelector('tbody')?.replaceChildren(...lines);
}

/** @param {{ instances: number, applications: number, dark: number, counts: Map<string, number> }} totals */
export function showTotals({ instances, applications, dark, counts }) {
  const rest = instances - (counts.get('UP') ?? 0);
  write(part('instances'), number(instances));
  write(part('instances-note'), instances === 0 ? 'nobody registered yet' : rest === 0 ? 'all of them up' : `${number(rest)} not up`);
  write(part('applications'), number(applications));
  write(part('applications-note'), applications === 0 ? '' : dark === 0 ? 'each has one up' : `${number(dark)} without one up`);
  part('instances-parts').replaceChildren(
    ...statuses.toReversed().flatMap((status) => {
      const of = counts.get(status) ?? 0;
      if (of === 0) return [];
      const bar = element('div', { 'data-state': statusWords[status]?.state ?? 'unknown' });
      bar.style.flex = String(of);
      return [bar];
    }),
  );
}
