/** The keyboard: arrows go within a group of which the Tab key knows one, and single keys lead everywhere. */

/** Arrows move the focus among what matches; only where it is, Tab stops. @param {HTMLElement} group @param {string} selector */
export function roving(group, selector) {
  const all = () => /** @type {HTMLElement[]} */ ([...group.querySelectorAll(selector)]);
  group.addEventListener('focusin', ({ target }) => {
    if (!(target instanceof HTMLElement) || !target.matches(selector)) return;
    for (const one of all()) one.tabIndex = one === target ? 0 : -1;
  });
  group.addEventListener('keydown', (event) => {
    const { key, target } = event;
    if (!(target instanceof HTMLElement) || !target.matches(selector)) return;
    const members = all();
    const at = members.indexOf(target);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: members.length - 1 }[key] ?? line(members, target, key);
    const next = to === undefined ? undefined : members[to];
    if (!next) return;
    event.preventDefault();
    next.focus();
  });
}

/** The one above or below, where they stand in lines. @param {HTMLElement[]} members @param {HTMLElement} from @param {string} key */
function line(members, from, key) {
  if (key !== 'ArrowDown' && key !== 'ArrowUp') return undefined;
  const middle = (/** @type {HTMLElement} */ one) => {
    const { left, top, width, height } = one.getBoundingClientRect();
    return { x: left + width / 2, y: top + height / 2 };
  };
  const here = middle(from);
  let best;
  let least = Number.POSITIVE_INFINITY;
  members.forEach((one, at) => {
    const { x, y } = middle(one);
    const down = key === 'ArrowDown' ? y - here.y : here.y - y;
    const far = down * 2 + Math.abs(x - here.x);
    if (down > 4 && far < least) [best, least] = [at, far];
  });
  return best;
}

/** Single keys, where nothing is typed into and no dialog is open. @param {(key: string) => boolean} act whether the key meant something */
export function singleKeys(act) {
  document.addEventListener('keydown', (event) => {
    const { key, target, ctrlKey, metaKey, altKey } = event;
    if (ctrlKey || metaKey || altKey || document.querySelector('dialog[open]')) return;
    const types = target instanceof HTMLElement && target.matches('input:not([type="radio"]), select, textarea');
    if (types) {
      if (key === 'Escape') target.blur();
      return;
    }
    if (act(key)) event.preventDefault();
  });
}
