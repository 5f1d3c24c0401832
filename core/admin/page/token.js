/** The token of the admin API: asked for once, kept while the tab is open, sent to the own admin port only. */
import { element, part } from '../../page/element.js';

const KEY = 'postern-admin-token';

/** @returns {string | undefined} */
export function token() {
  try {
    return sessionStorage.getItem(KEY) ?? undefined;
  } catch {
    return undefined;
  }
}

/** @param {string | undefined} value */
export function keepToken(value) {
  try {
    if (value) sessionStorage.setItem(KEY, value);
    else sessionStorage.removeItem(KEY);
  } catch {
    // Where nothing may be kept, it is asked for again.
  }
}

/** @returns {Record<string, string>} */
export function authorization() {
  const known = token();
  return known === undefined ? {} : { authorization: `Bearer ${known}` };
}

/** Nothing else can stand in a header field. */
const WRITABLE = /^[\x21-\x7e]+$/;

/** Asks for it. @param {string} [why] it is asked again @returns {Promise<string | undefined>} undefined when it is not given */
export function askToken(why = '') {
  const dialog = /** @type {HTMLDialogElement} */ (part('token'));
  const input = element('input', { type: 'password', id: 'token-input', autocomplete: 'off', spellcheck: 'false', required: '' });
  const form = element(
    'form',
    { method: 'dialog' },
    element('h2', { id: 'token-title' }, 'Token of the admin API'),
    element(
      'p',
      { class: 'muted' },
      'admin.token of the configuration, or the file admin-token that the gateway made, in its folder .postern.',
    ),
    element('p', { class: 'why', role: 'status' }, why),
    element('label', { for: 'token-input' }, 'Token'),
    input,
    element('p', { class: 'muted small' }, 'Kept in this tab until it is closed.'),
    element(
      'div',
      { class: 'buttons' },
      element('button', { type: 'button', value: 'cancel' }, 'Cancel'),
      element('button', { type: 'submit', value: 'ok', class: 'primary' }, 'Use it'),
    ),
  );
  dialog.replaceChildren(form);
  dialog.returnValue = '';
  form.querySelector('button')?.addEventListener('click', () => dialog.close());
  // `form-action 'none'`: nothing is sent, the dialog only closes.
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    dialog.close('ok');
  });
  dialog.showModal();
  input.focus();
  return new Promise((resolve) => {
    dialog.addEventListener(
      'close',
      () => {
        const given = dialog.returnValue === 'ok' ? /** @type {HTMLInputElement} */ (input).value.trim() : '';
        dialog.replaceChildren();
        if (given !== '' && !WRITABLE.test(given)) return resolve(askToken('This is no token: it has characters that none has.'));
        if (given) keepToken(given);
        resolve(given || undefined);
      },
      { once: true },
    );
  });
}
