/** How the page is connected, where it is always seen, and what to do when it is not. */
import { part, write } from '../../page/element.js';

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });

/** @type {Record<string, [string, string]>} */
const badges = {
  connecting: ['unknown', 'Connecting'],
  live: ['good', 'Live'],
  full: ['wait', 'Too many readers'],
  locked: ['out', 'Locked'],
  lost: ['bad', 'Disconnected'],
};

/** @param {import('./feed.js').Connection} connection */
export function showConnection(connection) {
  const [state, words] = badges[connection.is] ?? ['unknown', ''];
  const badge = part('connection');
  badge.dataset['state'] = state;
  write(badge, words);
  const lost = connection.is === 'lost';
  part('lost').hidden = connection.is === 'live' || connection.is === 'connecting';
  part('lost').dataset['state'] = state;
  document.documentElement.toggleAttribute('data-old', connection.is !== 'live');
  document.title = `${lost ? 'Disconnected · ' : ''}Dashboard · Postern`;
  write(part('lost-text'), textOf(connection));
  write(part('retry'), connection.is === 'locked' ? 'Enter the token' : 'Try now');
}

/** @param {import('./feed.js').Connection} connection */
function textOf(connection) {
  if (connection.is === 'full') return 'As many pages follow this gateway as may. Close one; this one tries again by itself.';
  if (connection.is === 'locked' && connection.wrong) return 'The gateway does not know the token that was entered.';
  if (connection.is === 'locked') return 'This admin port is reached from other machines, so it shows nothing without its token.';
  if (connection.is !== 'lost') return '';
  const { since, again } = connection;
  return `The gateway has said nothing since ${clock.format(since)}: what you see is old. It is asked again at ${clock.format(again)}.`;
}
