/** How long ago something was, by the clock of the gateway that says when: that of the browser may be hours off. */
import { duration } from '../../page/amounts.js';

/** Milliseconds by which the gateway's clock is ahead of that of the browser. */
let ahead = 0;

/** @param {unknown} at milliseconds since 1970 at the gateway, now */
export function setClock(at) {
  if (typeof at === 'number') ahead = at - Date.now();
}

/** @param {number} at milliseconds since 1970 */
export const ago = (at) => `${duration(Date.now() + ahead - at)} ago`;
