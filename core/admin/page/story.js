/** What became of a request, step by step: as the gateway recorded it, or as it says it would be. */
import { moment } from '../../page/amounts.js';
import { element } from '../../page/element.js';
import { time } from './words.js';

/** Nothing that is nested deeper is drawn. */
const DEEPEST = 3;

/** Of a story, what stands above its facts. */
const TOLD = new Set(['steps', 'allowed', 'decidedBy', 'notes']);

/** @param {any} story @returns {HTMLElement} */
export function drawStory(story) {
  const { steps = [], allowed, notes = [] } = story;
  const verdict =
    typeof allowed === 'boolean'
      ? [
          element(
            'p',
            {},
            element(
              'span',
              { class: 'state', 'data-state': allowed ? 'good' : 'bad' },
              allowed ? 'Let through' : `Refused by ${story.decidedBy}`,
            ),
          ),
        ]
      : [];
  return element(
    'div',
    { class: 'story' },
    ...verdict,
    ...(steps.length > 0 ? [stepsOf(steps, allowed)] : []),
    ...(notes.length > 0 ? [element('ul', { class: 'notes' }, ...notes.map((/** @type {string} */ note) => element('li', {}, note)))] : []),
    facts(Object.fromEntries(Object.entries(story).filter(([name]) => !TOLD.has(name))), 0),
  );
}

/** @param {any[]} steps @param {boolean | undefined} allowed */
function stepsOf(steps, allowed) {
  const lines = steps.map((step, at) => {
    const last = at === steps.length - 1;
    const mark = allowed === false && last ? 'bad' : 'good';
    const name = element('strong', {}, String(step.step ?? step.name ?? at + 1));
    const took = typeof step.ms === 'number' ? [element('span', { class: 'muted' }, ` ${time(step.ms)}`)] : [];
    return element('li', { 'data-state-line': mark }, name, ...took, element('p', {}, String(step.says ?? step.what ?? '')));
  });
  return element('ol', { class: 'steps' }, ...lines);
}

/** Names and values, lists as lists. @param {any} value @param {number} depth @returns {HTMLElement} */
function facts(value, depth) {
  const pairs = Object.entries(value).filter(([, one]) => one !== null && one !== undefined && !(Array.isArray(one) && one.length === 0));
  return element(
    'dl',
    {},
    ...pairs.flatMap(([name, one]) => [element('dt', {}, wordsOf(name)), element('dd', {}, shown(name, one, depth))]),
  );
}

/** @param {string} name @param {any} value @param {number} depth @returns {Node | string} */
function shown(name, value, depth) {
  if (typeof value === 'number' && /(^|At$)at$/i.test(name) && value > 1e12)
    return element('time', { datetime: new Date(value).toISOString() }, moment(value));
  if (typeof value !== 'object' || value === null) return String(value);
  if (depth >= DEEPEST) return JSON.stringify(value);
  if (!Array.isArray(value)) return facts(value, depth + 1);
  if (value.every((one) => typeof one !== 'object')) return value.join(', ');
  return element('ol', {}, ...value.map((one) => element('li', {}, shown('', one, depth + 1))));
}

/** `decidedBy` as `decided by`. @param {string} name */
const wordsOf = (name) => name.replace(/([a-z])([A-Z])/g, (_, before, after) => `${before} ${after.toLowerCase()}`);
