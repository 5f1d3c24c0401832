/** A request looked up by its id, those of lately, and one that is only thought of. */
import { duration, moment } from '../../page/amounts.js';
import { element, part, write } from '../../page/element.js';
import { ask, askWithToken } from './actions.js';
import { drawStory } from './story.js';
import { time } from './words.js';

const LATELY = 30;

/** What a problem document says. @param {Response} response @param {string} what */
async function refusalOf(response, what) {
  const { title, detail } = await response.json().catch(() => ({}));
  return [title ?? `${what}: ${response.status}`, detail].filter(Boolean).join('. ');
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
      if (response.status === 404) return story.replaceChildren(element('p', { class: 'banner', 'data-state': 'out' }, nothing(wanted)));
      if (!response.ok)
        return story.replaceChildren(
          element('p', { class: 'banner', 'data-state': 'bad' }, await refusalOf(response, 'The gateway answered')),
        );
      story.replaceChildren(element('h3', { class: 'mono' }, wanted), drawStory(await response.json()));
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
      const told = await response.json();
      drawLately(Array.isArray(told) ? told : (told.requests ?? []), lookUp);
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

/** @param {string} id */
const nothing = (id) =>
  `Nothing is known of ${id}. A gateway keeps its last requests only; where it came through the other gateway, look on that one's page.`;

/** With the token where the gateway wants one for reading too. @param {string} path */
async function askIn(path) {
  const response = await ask(path);
  return response.status === 401 ? askWithToken(path, {}) : response;
}

/** @param {any[]} requests the newest first @param {(id: string) => void} lookUp */
function drawLately(requests, lookUp) {
  const rows = requests.slice(0, LATELY).map((request) => {
    const id = String(request.id ?? request.requestId ?? '');
    const button = element('button', { type: 'button', class: 'quiet mono', title: id }, id.slice(0, 18));
    button.addEventListener('click', () => lookUp(id));
    const at = Number(request.at ?? request.startedAt ?? 0);
    const status = String(request.status ?? '–');
    const colour = status.startsWith('5') ? 'bad' : status.startsWith('4') ? 'out' : 'good';
    return element(
      'tr',
      {},
      element('td', { title: moment(at) }, at ? `${duration(Date.now() - at)} ago` : '–'),
      element('td', {}, element('span', { class: 'state', 'data-state': colour }, status)),
      element('td', { class: 'mono' }, `${request.method ?? ''} ${request.path ?? request.target ?? ''}`.slice(0, 80)),
      element('td', {}, String(request.route ?? '–')),
      element('td', { class: 'figure' }, time(request.ms ?? request.duration ?? undefined)),
      element('td', {}, button),
    );
  });
  part('lately-rows').replaceChildren(...rows);
  part('lately').hidden = rows.length === 0;
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
  const body = {
    method: value('explain-method') || 'GET',
    url: value('explain-url'),
    headers,
    ...(as ? { as } : {}),
    ...(from ? { from } : {}),
  };
  const where = part('explain-story');
  try {
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
    const response = await askWithToken('explain', init);
    if (!response) return;
    if (response.ok) where.replaceChildren(drawStory(await response.json()));
    else where.replaceChildren(element('p', { class: 'banner', 'data-state': 'bad' }, await refusalOf(response, 'The gateway answered')));
  } catch (error) {
    where.replaceChildren(element('p', { class: 'banner', 'data-state': 'bad' }, ''));
    write(/** @type {HTMLElement} */ (where.firstElementChild), `It cannot be asked: ${error instanceof Error ? error.message : error}`);
  }
}
