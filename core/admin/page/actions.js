/** What the buttons do: through the admin API, first as a trial that says what would become of it, then in earnest. */
import { element, part, write } from '../../page/element.js';
import { api } from './feed.js';
import { askToken, authorization, keepToken } from './token.js';

/**
 * @typedef {object} Change
 * @property {string} title what it does, in words
 * @property {string} method
 * @property {string} path of the admin API
 * @property {unknown} [body]
 * @property {string} revision that is changed: as whoever presses the button has it before their eyes
 */

/** @param {string} path @param {RequestInit & { headers?: Record<string, string> }} [init] @returns {Promise<Response>} */
export function ask(path, init = {}) {
  return fetch(new URL(path.replace(/^\//, ''), api), {
    ...init,
    headers: { accept: 'application/json', ...authorization(), ...init.headers },
    cache: 'no-store',
    redirect: 'error',
  });
}

/** With the token, which is asked for when it is missing or wrong. @param {string} path @param {any} init @returns {Promise<Response | undefined>} */
export async function askWithToken(path, init) {
  let response = await ask(path, init);
  while (response.status === 401) {
    const wrong = 'authorization' in authorization();
    keepToken(undefined);
    if (!(await askToken(wrong ? 'The gateway does not know this token.' : ''))) return undefined;
    response = await ask(path, init);
  }
  return response;
}

/** @param {Change} change @returns {any} of `fetch` */
function requestOf({ method, body, revision }) {
  const headers = { 'if-match': `"${revision}"`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) };
  return { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
}

/** @param {Change} change @returns {Promise<void>} when it is done, or was left */
export async function change(change) {
  try {
    const trial = await askWithToken(`${change.path}?dryRun`, requestOf(change));
    if (!trial) return;
    if (!trial.ok) return await showRefusal(trial);
    if (!(await confirmed(change, await trial.json()))) return;
    const done = await askWithToken(change.path, requestOf(change));
    if (!done) return;
    if (!done.ok) return await showRefusal(done);
    const restart = done.headers.get('postern-needs-restart');
    say(restart ? `Done. A restart takes up ${restart}.` : 'Done.', 'good');
  } catch (error) {
    say(`The gateway cannot be asked: ${error instanceof Error ? error.message : error}`, 'bad');
  }
}

/** What changes no configuration. @param {string} path @param {unknown} body @param {(answer: any) => string} tell */
export async function act(path, body, tell) {
  try {
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body ?? {}) };
    const response = await askWithToken(path, init);
    if (!response) return;
    if (!response.ok) return await showRefusal(response);
    say(tell(await response.json().catch(() => ({}))), 'good');
  } catch (error) {
    say(`The gateway cannot be asked: ${error instanceof Error ? error.message : error}`, 'bad');
  }
}

/** @param {Response} response */
async function showRefusal(response) {
  const { title = `Refused with ${response.status}`, detail = '', findings = [] } = await response.json().catch(() => ({}));
  const lines = findings.map((/** @type {any} */ finding) => `line ${finding.line}: ${finding.message}`);
  const faster =
    response.status === 412
      ? 'Somebody else changed the configuration first. What you see is being brought up to date: look, then press again.'
      : '';
  say([title, detail, faster, ...lines].filter(Boolean).join('\n'), 'bad');
}

/** @param {Change} change @param {any} trial as `check --diff` tells it @returns {Promise<boolean>} */
function confirmed({ title }, { keys = [], changes = [], findings = [] }) {
  const dialog = /** @type {HTMLDialogElement} */ (part('confirm'));
  const list = (/** @type {any[]} */ all, /** @type {(one: any) => (Node | string)[]} */ line) =>
    element('ul', {}, ...all.slice(0, 30).map((one) => element('li', {}, ...line(one))));
  const reach = (/** @type {any} */ { kind, gateway, methods = [], path, who, says }) => [
    element('strong', {}, String(kind).replaceAll('-', ' ')),
    ` ${[gateway, methods.join(','), path].filter(Boolean).join(' ')}: ${[who, says].filter(Boolean).join(', ')}`,
  ];
  const opens = changes.filter((/** @type {any} */ { wider }) => wider);
  const closes = changes.filter((/** @type {any} */ { wider }) => !wider);
  const cancel = element('button', { type: 'button' }, 'Cancel');
  const apply = element(
    'button',
    { type: 'button', class: opens.length > 0 ? 'danger' : 'primary' },
    opens.length > 0 ? 'Open it' : 'Apply',
  );
  const warning = element(
    'div',
    { class: 'banner', 'data-state': 'bad' },
    element('h3', {}, 'More can be reached than before'),
    list(opens, reach),
  );
  dialog.replaceChildren(
    element('h2', { id: 'confirm-title' }, title),
    ...(opens.length > 0 ? [warning] : []),
    ...(closes.length > 0 ? [element('h3', {}, 'Less can be reached than before'), list(closes, reach)] : []),
    element('h3', {}, keys.length === 0 ? 'Nothing would change' : 'What changes in the configuration'),
    list(keys, (key) => [element('span', { class: 'mono' }, String(key))]),
    ...(findings.length > 0 ? [element('h3', {}, 'Warnings'), list(findings, ({ line, message }) => [`line ${line}: ${message}`])] : []),
    element('p', { class: 'muted small' }, 'Both gateways take it up when they read the same file.'),
    element('div', { class: 'buttons' }, cancel, apply),
  );
  dialog.returnValue = '';
  cancel.addEventListener('click', () => dialog.close());
  apply.addEventListener('click', () => dialog.close('apply'));
  dialog.showModal();
  (opens.length > 0 ? cancel : apply).focus();
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => resolve(dialog.returnValue === 'apply'), { once: true });
  });
}

/** @type {number | undefined} */
let saying;

/** At the foot of the page, above every dialog. @param {string} text @param {'good' | 'bad'} state */
export function say(text, state) {
  const where = part('said');
  clearTimeout(saying);
  where.dataset['state'] = state;
  where.hidden = false;
  // What is outside of an open dialog can be neither pressed nor read out.
  moveTo(where, [...document.querySelectorAll('dialog[open]')].at(-1) ?? document.body);
  write(part('said-text'), text);
  if (state === 'good') saying = setTimeout(() => where.hidePopover(), 6_000);
}

/** Shown in the top layer, where dialogs are. @param {HTMLElement} where @param {Element} parent */
function moveTo(where, parent) {
  if (where.parentElement === parent) where.hidePopover();
  else parent.append(where);
  where.showPopover();
}

/** Dialogs are emptied when they close; what was said stays until it is read. */
export function keepSaid() {
  const leave = (/** @type {Event} */ { target }) => {
    const where = part('said');
    if (!(target instanceof HTMLDialogElement) || !target.contains(where)) return;
    const shown = where.matches(':popover-open');
    document.body.append(where);
    if (shown) where.showPopover();
  };
  document.addEventListener('close', leave, true);
}
