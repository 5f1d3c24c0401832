/** Elements made without HTML: what comes from elsewhere can only ever be text or an attribute's value. */

/**
 * @param {string} tag
 * @param {Record<string, string>} attributes
 * @param {(Node | string)[]} children
 * @returns {HTMLElement}
 */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** The element of the page with this id. @param {string} id @returns {HTMLElement} @throws Error if there is none */
export function part(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`The page has no #${id}`);
  return found;
}

/** Writes only what changed: a text that is set anew loses the reader's selection. @param {HTMLElement} where @param {string} text */
export function write(where, text) {
  if (where.textContent !== text) where.textContent = text;
}

/** A link if the address is one that a browser should follow, else its text. @param {string} address @param {string} [text] */
export function link(address, text = address) {
  const href = httpAddress(address);
  return href ? element('a', { href, rel: 'noreferrer noopener', target: '_blank' }, text) : address;
}

/** @param {unknown} address @returns {string | undefined} the address if it is one of http or https */
export function httpAddress(address) {
  if (typeof address !== 'string' || !URL.canParse(address)) return undefined;
  const { protocol, href } = new URL(address);
  return protocol === 'http:' || protocol === 'https:' ? href : undefined;
}

/** A click beside a dialog closes it. @param {HTMLDialogElement} dialog */
export function closesBeside(dialog) {
  dialog.addEventListener('click', ({ target }) => {
    if (target === dialog) dialog.close();
  });
}
