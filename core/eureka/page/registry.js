/** The page of the registry: what the feed tells goes into the catalogue, and what is asked of that into the table. */
import { number } from '../../page/amounts.js';
import { element, part, write } from '../../page/element.js';
import { windowedRows } from '../../page/windowed.js';
import { Catalogue, statuses } from './catalogue.js';
import { detailsDialog } from './details.js';
import { follow, read } from './feed.js';
import { showConnection, showSummary, showTotals } from './head.js';
import { applicationRow, instanceRow, statusBadge } from './rows.js';

/** Instances up to which all applications are open at first, or are opened by a filter. */
const FEW = 60;

/** Milliseconds between two looks at the leases of an application in sight. */
const LEASES = 10_000;

const catalogue = new Catalogue();
const filter = /** @type {HTMLInputElement} */ (part('filter'));
const sort = /** @type {HTMLSelectElement} */ (part('sort'));
const fold = part('fold');
/** Statuses that alone are shown. @type {Set<string>} */
const wanted = new Set();
/** Applications that the reader opened or closed. @type {Map<string, boolean>} */
const chosen = new Map();
/** Whether the others are open. @type {boolean | undefined} */
let open;
/** Milliseconds by which the registry's clock is ahead of the browser's. */
let ahead = 0;
let asked = false;
/** Milliseconds that drawing took last. */
let took = 0;
/** When the leases of an application were read last. @type {Map<string, number>} */
const leasesRead = new Map();

const now = () => Date.now() + ahead;
const details = detailsDialog(now);
const table = windowedRows(part('rows'), {
  application: applicationRow((app) => {
    chosen.set(app, !opens(app, Number.POSITIVE_INFINITY));
    draw();
  }),
  instance: instanceRow((app, id) => {
    const instance = catalogue.find(app, id);
    if (instance) details.show(instance);
  }, now),
});

/** @param {string} app @param {number} matches */
function opens(app, matches) {
  const found = matches <= FEW && (filter.value.trim() !== '' || wanted.size > 0);
  return chosen.get(app) ?? (open || found);
}

function draw() {
  const began = performance.now();
  asked = false;
  const totals = catalogue.totals();
  open ??= totals.instances <= FEW;
  const view = { filter: filter.value, statuses: wanted, sort: /** @type {any} */ (sort.value), opens };
  const { rows, matches } = catalogue.rows(view);
  part('empty').hidden = rows.length > 0;
  write(part('empty'), totals.instances === 0 ? 'Nothing is registered yet. What registers appears here at once.' : 'Nothing matches.');
  write(fold, open ? 'Close all' : 'Open all');
  const filtered = filter.value.trim() !== '' || wanted.size > 0;
  write(part('matches'), filtered ? `${number(matches)} of ${number(totals.instances)}` : '');
  showTotals(totals);
  drawStatuses(totals.counts);
  table.show(rows);
  details.follow((app, id) => catalogue.find(app, id));
  took = performance.now() - began;
}

/** Once a frame, however much happens; of a large registry no more often than leaves the browser most of its time. */
function drawSoon() {
  if (asked) return;
  asked = true;
  setTimeout(() => requestAnimationFrame(draw), took < 8 ? 0 : took * 4);
}

/** @param {Map<string, number>} counts */
function drawStatuses(counts) {
  for (const button of part('statuses').querySelectorAll('button')) {
    const status = button.value;
    const badge = button.lastElementChild;
    button.hidden = !counts.has(status) && !wanted.has(status);
    button.setAttribute('aria-pressed', String(wanted.has(status)));
    if (badge instanceof HTMLElement) write(badge, number(counts.get(status) ?? 0));
  }
}

/** Of the applications whose instances are in sight: heartbeats are no changes. */
async function readLeases() {
  const inSight = table.shown.flatMap((row) => ('instance' in row ? [/** @type {any} */ (row).instance.app] : []));
  const due = new Set(inSight.filter((app) => performance.now() - (leasesRead.get(app) ?? Number.NEGATIVE_INFINITY) > LEASES));
  for (const app of due) leasesRead.set(app, performance.now());
  for (const app of due) {
    try {
      const { now: there, leases } = await read(`leases/${encodeURIComponent(app)}`);
      ahead = there - Date.now();
      for (const [id, at] of leases) {
        const instance = catalogue.find(app, id);
        if (instance) instance.expiresAt = at;
      }
    } catch {
      // Who follows the connection tells how it is.
    }
  }
}

part('statuses').append(
  ...statuses.toReversed().map((status) => {
    const button = element('button', { type: 'button', value: status, 'aria-pressed': 'false' }, statusBadge(status), element('span'));
    button.addEventListener('click', () => {
      if (!wanted.delete(status)) wanted.add(status);
      draw();
    });
    return button;
  }),
);
for (const control of [filter, sort]) control.addEventListener('input', drawSoon);
fold.addEventListener('click', () => {
  open = !open;
  chosen.clear();
  draw();
});
document.addEventListener('keydown', (event) => {
  const { key, target } = event;
  const line = target instanceof Element ? target.closest('#rows tr') : null;
  if (key === '/' && !(target instanceof HTMLInputElement) && !part('details').hasAttribute('open')) filter.focus();
  else if (line && (key === 'ArrowDown' || key === 'ArrowUp'))
    (key === 'ArrowDown' ? line.nextElementSibling : line.previousElementSibling)?.querySelector('button')?.focus();
  else return;
  event.preventDefault();
});
setInterval(() => {
  table.refresh();
  details.tick();
  if (!document.hidden) readLeases();
}, 1_000);

follow({
  all(applications) {
    catalogue.replace(applications);
    leasesRead.clear();
    drawSoon();
  },
  change(instance, gone) {
    if (gone) catalogue.remove(instance);
    else catalogue.put(instance);
    drawSoon();
  },
  summary(summary) {
    ahead = summary.now - Date.now();
    showSummary(summary);
    part('contents').hidden = false;
  },
  connection: showConnection,
});
