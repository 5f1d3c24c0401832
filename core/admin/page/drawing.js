/** SVG made without HTML: lines of two minutes and circles of circuits. */
import { SAMPLES } from './model.js';

/** @param {string} tag @param {Record<string, string | number>} attributes @param {Node[]} children @returns {SVGElement} */
export function svg(tag, attributes = {}, ...children) {
  const made = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  made.append(...children);
  return made;
}

const HEIGHT = 24;

/** The last two minutes, the newest at the right: all that came, and in front of it what failed. */
export function sparkline() {
  const all = svg('path', { class: 'all' });
  const edge = svg('path', { class: 'edge', 'vector-effect': 'non-scaling-stroke' });
  const failed = svg('path', { class: 'failed' });
  const unknown = svg('path', { class: 'unknown', 'vector-effect': 'non-scaling-stroke' });
  const box = { class: 'spark', viewBox: `0 0 ${SAMPLES - 1} ${HEIGHT}`, preserveAspectRatio: 'none', 'aria-hidden': 'true' };
  let drawn = '';
  return {
    node: svg('svg', box, unknown, all, edge, failed),
    /** @param {import('./model.js').Line | undefined} line */
    draw({ rates, failures } = { rates: [], failures: [] }) {
      const top = Math.max(...rates, 0.1) * 1.08;
      const line = pathOf(rates, top);
      const below = pathOf(failures, top);
      if (drawn === `${line} ${below}`) return;
      drawn = `${line} ${below}`;
      edge.setAttribute('d', line);
      // Before the gateway ran, or the service was there.
      unknown.setAttribute('d', rates.length < SAMPLES ? `M0 ${HEIGHT - 0.5}H${SAMPLES - Math.max(1, rates.length)}` : '');
      all.setAttribute('d', closed(line, rates.length));
      failed.setAttribute('d', failures.some((rate) => rate > 0) ? closed(below, failures.length) : '');
    },
  };
}

/** @param {readonly number[]} values @param {number} top */
export function pathOf(values, top) {
  const first = SAMPLES - values.length;
  return values.map((value, at) => `${at === 0 ? 'M' : 'L'}${first + at} ${round(HEIGHT - (value / top) * (HEIGHT - 1))}`).join('');
}

/** @param {string} line @param {number} length */
const closed = (line, length) => (line === '' ? '' : `${line}L${SAMPLES - 1} ${HEIGHT}L${SAMPLES - length} ${HEIGHT}Z`);

/** @param {number} value */
const round = (value) => Math.round(value * 10) / 10;

/** Larger the more comes, but never so small that it cannot be seen. @param {number} rate a second */
export const radiusOf = (rate) => round(9 + 20 * Math.min(1, Math.log10(1 + rate) / 2.7));

/** A circuit: as large as what comes, in the colour of what fails, with a gap where it is open. */
export function circle() {
  const ground = svg('circle', { class: 'most', cx: 32, cy: 32, r: 30 });
  const body = svg('circle', { class: 'body', cx: 32, cy: 32, r: 10 });
  const cut = svg('path', { class: 'cut', d: 'M10 54L54 10' });
  return {
    node: svg('svg', { class: 'circle', viewBox: '0 0 64 64', 'aria-hidden': 'true' }, ground, body, cut),
    /** @param {number} rate */
    draw(rate) {
      const radius = `${radiusOf(rate)}`;
      if (body.getAttribute('r') !== radius) body.setAttribute('r', radius);
    },
  };
}
