/** A request looked up by its id, those of lately, and one that is only thought of. */
import { moment } from '../../page/amounts.js';
import { element, part, write } from '../../page/element.js';
import { ask, askWithToken } from './actions.js';
import { ago } from './clock.js';
import { drawExplanation, drawRequest, stateOf } from './story.js';
import { time } from './words.js';

const LATELY = 30;

/** What a problem document says. @param {Response} response @param {string} what */
async function refusalOf(response, what) {
  const { title, detail, errors = [] } = await response.json().catch(() => ({}));
  return [title ?? `${what}: ${response.status}`, detail, ...errors.map(String)].filter(Boolean).join('. ');
}

export function requestsView() {
  const id = /** @type {HTMLInputElement} */ (part('request-id'));
  const story = part('request-story');

  /** @param {string} wanted */
  async function lookUp(wanted) {
    id.value = wanted;
    story.replaceChildren(element('p', { class: 'muted' }, 'Looking it up …'));
    try {
      const response = await askIn(`requests/${encodeURIComponent(wanted)}`);
      if (!response) return story.replaceChildren();
      if (!response.ok) {
        const text = response.status === 404 ? await nothing(wanted, response) : await refusalOf(response, 'The gateway answered');
        return story.replaceChildren(element('p', { class: 'banner', 'data-state': response.status === 404 ? 'out' : 'bad' }, text));
      }
      const { requests } = await response.json();
      story.replaceChildren(element('h3', { class: 'mono' }, wanted), ...requests.map(drawRequest));
    } catch (error) {
      story.replaceChildren(
        element('p', { class: 'banner', 'data-state': 'bad' }, `It cannot be asked: ${error instanceof Error ? error.message : error}`),
      );
    }
  }

  async function readLately() {
    try {
      const response = await ask('requests');
      if (!response.ok) return;
      const { requests = [] } = await response.json();
      drawLately(requests, lookUp);
    } catch {
      // Who follows the connection tells how it is.
    }
  }

  part('request-form').addEventListener('submit', (event) => {
    event.preventDefault();
    if (id.value.trim()) lookUp(id.value.trim());
  });
  part('explain-form').addEventListener('submit', (event) => {
    event.preventDefault();
    explain();
  });
  part('lately-again').addEventListener('click', readLately);
  return { lookUp, readLately };
}

/** @param {string} id @param {Response} response */
async function nothing(id, response) {
  const { detail = 'It is not known here.' } = await response.json().catch(() => ({}));
  return `${id}: ${detail} If it came through the other gateway, look on that one's page.`;
}

/** With the token where the gateway wants one for reading too. @param {string} path */
async function askIn(path) {
  const response = await ask(path);
  return response.status === 401 ? askWithToken(path, {}) : response;
}

/** @param {any[]} requests the newest first @param {(id: string) => void} lookUp */
function drawLately(requests, lookUp) {
  const rows = requests.slice(0, LATELY).map((request) => {
    const { id, status, method, target, route, durationMs, code } = request;
    const button = element('button', { type: 'button', class: 'mono', title: `${method} ${target}` }, `${method} ${target}`.slice(0, 200));
    button.addEventListener('click', () => lookUp(id));
    const at = Date.parse(request.at);
    const about = [route ?? 'no route', time(durationMs), code, id].filter(Boolean).join(' · ');
    return element(
      'tr',
      {},
      element('td', { class: 'when', title: moment(at) }, ago(at)),
      element('td', { class: 'status' }, element('span', { class: 'state', 'data-state': stateOf(status) }, String(status ?? 'left'))),
      element('td', { class: 'request' }, button, element('span', { class: 'note', title: about }, about)),
    );
  });
  part('lately-rows').replaceChildren(...rows);
  part('lately').hidden = rows.length === 0;
}

/** A name is that of the user. @param {string} text @returns {unknown} */
function claimsOf(text) {
  return text.startsWith('{') ? JSON.parse(text) : { sub: text };
}

async function explain() {
  const value = (/** @type {string} */ id) => /** @type {HTMLInputElement} */ (part(id)).value.trim();
  const headers = Object.fromEntries(
    value('explain-headers')
      .split('\n')
      .flatMap((line) => {
        const at = line.indexOf(':');
        return at > 0 ? [[line.slice(0, at).trim(), line.slice(at + 1).trim()]] : [];
      }),
  );
  const [as, from] = [value('explain-as'), value('explain-from')];
  const where = part('explain-story');
  try {
    const body = {
      method: value('explain-method') || 'GET',
      url: value('explain-url'),
      headers,
      ...(as ? { as: claimsOf(as) } : {}),
      ...(from ? { from } : {}),
    };
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
    const response = await askWithToken('explain', init);
    if (!response) return;
    if (response.ok) where.replaceChildren(drawExplanation(await response.json(), true));
    else where.replaceChildren(element('p', { class: 'banner', 'data-state': 'bad' }, await refusalOf(response, 'The gateway answered')));
  } catch (error) {
    where.replaceChildren(element('p', { class: 'banner', 'data-state': 'bad' }, ''));
    write(/** @type {HTMLElement} */ (where.firstElementChild), `It cannot be asked: ${error instanceof Error ? error.message : error}`);
  }
}
