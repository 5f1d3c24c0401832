/** What became of a request, step by step: as the gateway remembers it, and as it says that it would be now. */
import { moment } from '../../page/amounts.js';
import { element } from '../../page/element.js';
import { time } from './words.js';

/** Nothing that is nested deeper is drawn, but written. */
const DEEPEST = 3;

/** @param {any} request that the gateway remembers @returns {HTMLElement} */
export function drawRequest(request) {
  const { attempts = [], explanation, note, at, status, code, method, target, durationMs, headers = [], leftOut, ...more } = request;
  const outcome = element('span', { class: 'state', 'data-state': stateOf(status) }, [status ?? 'left', code].filter(Boolean).join(' '));
  const lines = headers.map((/** @type {[string, string]} */ [name, value]) => `${name}: ${value}`);
  return element(
    'div',
    { class: 'story' },
    element('p', {}, outcome, ' ', element('span', { class: 'mono' }, `${method} ${target}`)),
    element('p', { class: 'muted small' }, `${moment(Date.parse(at))} · took ${time(durationMs)}`),
    ...(attempts.length > 0 ? [element('h3', {}, 'Tries'), element('ol', { class: 'steps' }, ...attempts.map(attemptOf))] : []),
    ...(note ? [element('p', { class: 'banner', 'data-state': 'out' }, note)] : []),
    ...(explanation ? [element('h3', {}, 'Step by step, as it would go now'), drawExplanation(explanation, false)] : []),
    element('h3', {}, 'What is known of it'),
    facts({ ...more, ...(leftOut?.length > 0 ? { leftOut } : {}), ...(lines.length > 0 ? { headers: lines } : {}) }, 0),
  );
}

/** @param {any} explanation @param {boolean} whole with all that it rests on @returns {HTMLElement} */
export function drawExplanation({ steps = [], allowed, decidedBy, notes = [], ...more }, whole) {
  const verdict = allowed ? 'Let through' : `Refused by ${decidedBy}`;
  const { status, code, service, path, route, quota, placement, others, settings } = more;
  const rest = {
    answeredWith: [status, code].filter(Boolean).join(' '),
    route: route?.name,
    service,
    path,
    quota,
    placement,
    others,
    settings,
  };
  return element(
    'div',
    { class: 'story' },
    ...(whole ? [element('p', {}, element('span', { class: 'state', 'data-state': allowed ? 'good' : 'bad' }, verdict))] : []),
    element(
      'ol',
      { class: 'steps' },
      ...steps.map((/** @type {any} */ step, /** @type {number} */ at) => stepOf(step, allowed || at < steps.length - 1)),
    ),
    ...(notes.length > 0 ? [element('ul', { class: 'notes' }, ...notes.map((/** @type {string} */ note) => element('li', {}, note)))] : []),
    ...(whole ? [facts(rest, 0)] : []),
  );
}

/** @param {{ step: string, says: string }} step @param {boolean} passes */
function stepOf({ step, says }, passes) {
  const mark = passes ? [] : [element('span', { class: 'state', 'data-state': 'bad' }, 'decides')];
  return element('li', { 'data-passes': String(passes) }, element('strong', {}, step), ' ', ...mark, element('p', {}, says));
}

/** @param {any} attempt */
function attemptOf({ endpoint, outcome, cause, startedAtMs, tookMs }) {
  const good = /^[123]\d\d$/.test(String(outcome));
  const when = `after ${time(startedAtMs)}${tookMs === undefined ? '' : `, took ${time(tookMs)}`}`;
  const badge = element('span', { class: 'state', 'data-state': good ? 'good' : 'bad' }, String(outcome));
  return element(
    'li',
    { 'data-passes': String(good) },
    element('strong', { class: 'mono' }, endpoint ?? 'nowhere'),
    ' ',
    badge,
    element('p', {}, [when, cause].filter(Boolean).join(': ')),
  );
}

/** The colour of a status. @param {number | undefined} status */
export const stateOf = (status) => (status === undefined ? 'unknown' : status >= 500 ? 'bad' : status >= 400 ? 'out' : 'good');

/** Names and values, lists as lists. @param {any} value @param {number} depth @returns {HTMLElement} */
function facts(value, depth) {
  const pairs = Object.entries(value).filter(
    ([, one]) => one !== null && one !== undefined && one !== '' && !(Array.isArray(one) && one.length === 0),
  );
  return element('dl', {}, ...pairs.flatMap(([name, one]) => [element('dt', {}, wordsOf(name)), element('dd', {}, shown(one, depth))]));
}

/** @param {any} value @param {number} depth @returns {Node | string} */
function shown(value, depth) {
  if (typeof value !== 'object' || value === null) return String(value);
  if (depth >= DEEPEST) return JSON.stringify(value);
  if (!Array.isArray(value)) return facts(value, depth + 1);
  return element('ul', {}, ...value.map((one) => element('li', {}, shown(one, depth + 1))));
}

/** `answeredWith` as `answered with`. @param {string} name */
const wordsOf = (name) => name.replace(/([a-z])([A-Z])/g, (_, before, after) => `${before} ${after.toLowerCase()}`);
