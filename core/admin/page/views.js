/** The views of the page as tabs; which one is open stands in the address, so that it can be passed on. */
import { part } from '../../page/element.js';
import { roving } from './keys.js';

export const views = ['overview', 'routes', 'endpoints', 'limits', 'traffic', 'requests', 'changes'];

/** @param {(view: string, rest: string) => void} onShow */
export function tabs(onShow) {
  let current = '';
  const tab = (/** @type {string} */ view) => part(`tab-${view}`);
  roving(part('tabs'), '[role="tab"]');

  function follow() {
    const [, wanted = '', rest = ''] = /^([^=]*)=?(.*)$/s.exec(decoded(location.hash.slice(1))) ?? [];
    show(views.includes(wanted) ? wanted : 'overview', rest);
  }

  /** @param {string} view @param {string} rest behind its name */
  function show(view, rest = '') {
    current = view;
    for (const one of views) {
      tab(one).setAttribute('aria-selected', String(one === view));
      tab(one).tabIndex = one === view ? 0 : -1;
      part(`view-${one}`).hidden = one !== view;
    }
    tab(view).scrollIntoView({ block: 'nearest', inline: 'nearest' });
    onShow(view, rest);
  }

  for (const view of views) tab(view).addEventListener('click', () => go(view));
  addEventListener('hashchange', follow);
  function go(/** @type {string} */ view) {
    if (location.hash === `#${view}`) show(view);
    else location.hash = view;
  }
  return {
    get current() {
      return current;
    },
    go,
    follow,
  };
}

/** Anybody can write an address. @param {string} text */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const KEY = 'postern-scheme';
const schemes = ['system', 'light', 'dark'];

/** Light, dark, or as the system has it. */
export function schemeSwitch() {
  const button = part('scheme');
  let scheme = stored();
  const show = () => {
    document.documentElement.dataset['scheme'] = scheme;
    button.textContent = { system: 'Auto', light: 'Light', dark: 'Dark' }[scheme] ?? '';
    button.setAttribute('aria-label', `Colours: ${scheme}. Press for the next`);
  };
  show();
  const next = () => {
    scheme = schemes[(schemes.indexOf(scheme) + 1) % schemes.length] ?? 'system';
    try {
      localStorage.setItem(KEY, scheme);
    } catch {
      // Until the page is closed, then.
    }
    show();
  };
  button.addEventListener('click', next);
  return next;
}

function stored() {
  try {
    const kept = localStorage.getItem(KEY) ?? '';
    return schemes.includes(kept) ? kept : 'system';
  } catch {
    return 'system';
  }
}
