/** A table of things that both gateways tell of: any number of rows, of which those in sight are drawn, and figures that change in place. */
import { element, write } from '../../page/element.js';
import { windowedRows } from '../../page/windowed.js';

/**
 * @typedef {object} Column
 * @property {string} name its class
 * @property {string} title
 * @property {(row: any) => string} text
 * @property {(row: any) => string} [note] below the text of the first column
 * @property {(row: any) => string} [state] with which it is drawn as a state
 * @property {(row: any) => string} [level] of a figure: good, out, bad
 * @property {(row: any) => string} [hint] all of it, where there is more than fits
 */

/** Milliseconds for which rows keep their places: what moves can be neither read nor clicked on. */
const PLACED = 10_000;

/**
 * @param {HTMLElement} where
 * @param {{ label: string, columns: Column[], open(row: any): void }} options what a press on the first column opens
 */
export function dataTable(where, { label, columns, open }) {
  const body = element('tbody', { role: 'rowgroup' });
  const heads = columns.map(({ name, title }) => element('th', { role: 'columnheader', scope: 'col', class: name }, title));
  const table = element(
    'table',
    { role: 'table', 'aria-label': label },
    element('colgroup', {}, ...columns.map(({ name }) => element('col', { class: name }))),
    element('thead', { role: 'rowgroup' }, element('tr', { role: 'row' }, ...heads)),
    body,
  );
  const empty = element('p', { class: 'empty' });
  where.append(element('div', { class: 'list data surface' }, table, empty));
  const rows = windowedRows(body, { row: (row) => drawRow(row, columns, open) }, columns.length);

  body.addEventListener('keydown', (event) => {
    const line = event.target instanceof Element ? event.target.closest('tr') : null;
    const next = { ArrowDown: line?.nextElementSibling, ArrowUp: line?.previousElementSibling }[event.key];
    const button = next?.querySelector('button');
    if (!button) return;
    event.preventDefault();
    button.focus();
  });
  let placedAt = 0;
  let placedBy = '';
  /** @type {Map<string, number>} */
  let places = new Map();
  return {
    /**
     * @param {readonly any[]} all each with a key, in their order @param {string} by what that order and choice are
     * @param {string} nothing what is said when there are none
     */
    show(all, by, nothing) {
      const busy = body.contains(document.activeElement) || body.matches(':hover');
      const place = by !== placedBy || (!busy && Date.now() - placedAt > PLACED);
      if (place) [placedAt, placedBy] = [Date.now(), by];
      const last = Number.MAX_SAFE_INTEGER;
      const shown = place ? all : [...all].sort((a, b) => (places.get(a.key) ?? last) - (places.get(b.key) ?? last));
      places = new Map(shown.map(({ key }, at) => [key, at]));
      rows.show(shown);
      empty.hidden = all.length > 0;
      write(empty, nothing);
    },
  };
}

/** @param {any} first @param {Column[]} columns @param {(row: any) => void} open */
function drawRow(first, columns, open) {
  let current = first;
  const cells = columns.map((column, at) => cellOf(column, at === 0, () => open(current)));
  const line = element('tr', { role: 'row', class: 'row' }, ...cells.map(({ cell }) => cell));
  /** @param {any} row */
  function update(row) {
    current = row;
    for (const { draw } of cells) draw(row);
  }
  update(first);
  return { line, update };
}

/** @param {Column} column @param {boolean} leads @param {() => void} open */
function cellOf({ name, title, text, note, state, level, hint }, leads, open) {
  const value = element('span', state ? { class: 'state' } : { class: 'value' });
  const below = note ? [element('span', { class: 'note mono' })] : [];
  const cell = leads
    ? element('th', { role: 'rowheader', scope: 'row', class: name }, element('button', { type: 'button' }, value), ...below)
    : element('td', { role: 'cell', class: name, 'data-label': title }, value);
  cell.querySelector('button')?.addEventListener('click', open);
  return {
    cell,
    /** @param {any} row */
    draw(row) {
      const words = text(row);
      write(value, words);
      if (state) value.dataset['state'] = state(row);
      if (level) value.dataset['level'] = level(row);
      const title = hint?.(row) ?? (leads ? words : '');
      if (cell.title !== title) cell.title = title;
      if (note && below[0]) write(below[0], note(row));
    },
  };
}
