/** A table of any length of which only the rows in sight, and some around them, are in the document. */

/**
 * @typedef {{ readonly kind: string, readonly key: string }} Row
 * @typedef {{ readonly line: HTMLElement, update(row: any): void }} Drawn
 * @typedef {{ drawn: Drawn, row: Row }} Shown
 */

/** Pixels above and below the screen that are drawn as well: where the next press of the Tab key goes. */
const AROUND = 600;

/** Pixels of a row of a kind that was never drawn. */
const GUESS = 42;

/**
 * @param {HTMLElement} body of the table
 * @param {Record<string, (row: any) => Drawn>} kinds how a row of each kind is drawn; all of a kind have one height
 * @param {number} [columns] of the table
 */
export function windowedRows(body, kinds, columns = 5) {
  /** @type {readonly Row[]} */
  let rows = [];
  /** Where each row begins, and the last ends. */
  let tops = new Float64Array(1);
  /** @type {Map<string, Shown>} */
  const shown = new Map();
  /** @type {Map<string, number>} */
  const heights = new Map();
  /** The row that had the focus when it went out of sight. @type {string | undefined} */
  let left;
  let asked = false;
  const [above, below] = [gap(columns), gap(columns)];
  body.append(above, below);

  const ask = () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      draw();
    });
  };
  addEventListener('scroll', ask, { passive: true });
  new ResizeObserver(ask).observe(document.documentElement);
  document.addEventListener('focusin', () => {
    left = undefined;
  });

  function measure() {
    tops = new Float64Array(rows.length + 1);
    rows.forEach(({ kind }, at) => {
      tops[at + 1] = (tops[at] ?? 0) + (heights.get(kind) ?? GUESS);
    });
  }

  /** The row at a height. @param {number} y */
  function at(y) {
    let low = 0;
    let high = rows.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((tops[middle + 1] ?? 0) <= y) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  function draw() {
    // Once more when rows turn out to be of another height than was thought: at first, and when the screen changes.
    for (let turn = 0; turn < 3; turn += 1) {
      const top = -body.getBoundingClientRect().top;
      place(at(top - AROUND), Math.min(rows.length, at(top + innerHeight + AROUND) + 1));
      if (!heightsChanged()) return;
      measure();
    }
  }

  /** @param {number} from @param {number} to */
  function place(from, to) {
    const wanted = new Map(rows.slice(from, to).map((row) => [row.key, row]));
    for (const [key, { drawn }] of shown) {
      if (wanted.has(key)) continue;
      if (drawn.line.contains(document.activeElement)) left = key;
      drawn.line.remove();
      shown.delete(key);
    }
    const focused = document.activeElement;
    let next = above.nextSibling;
    let index = from;
    for (const [key, row] of wanted) {
      const known = shown.get(key) ?? { drawn: kinds[row.kind]?.(row), row };
      const { drawn } = known;
      if (!drawn) continue;
      if (known.row !== row) drawn.update(row);
      shown.set(key, { drawn, row });
      drawn.line.setAttribute('aria-rowindex', String(index + 2));
      if (drawn.line === next) next = next.nextSibling;
      else body.insertBefore(drawn.line, next);
      index += 1;
    }
    size(above, tops[from] ?? 0);
    size(below, (tops[rows.length] ?? 0) - (tops[to] ?? tops[rows.length] ?? 0));
    if (document.activeElement !== document.body) return;
    if (focused instanceof HTMLElement && focused.isConnected) focused.focus({ preventScroll: true });
    else if (left !== undefined) shown.get(left)?.drawn.line.querySelector('button')?.focus({ preventScroll: true });
  }

  function heightsChanged() {
    let changed = false;
    const seen = new Set();
    for (const { drawn, row } of shown.values()) {
      if (seen.has(row.kind)) continue;
      seen.add(row.kind);
      const { height } = drawn.line.getBoundingClientRect();
      if (height === 0 || height === heights.get(row.kind)) continue;
      heights.set(row.kind, height);
      changed = true;
    }
    return changed;
  }

  return {
    /** @param {readonly Row[]} all a row that is the same object as before is not drawn anew */
    show(all) {
      rows = all;
      body.closest('table')?.setAttribute('aria-rowcount', String(all.length + 1));
      measure();
      draw();
    },
    /** The rows in the document. */
    get shown() {
      return Array.from(shown.values(), ({ row }) => row);
    },
    /** Draws the rows in sight anew, for what in them changes by itself. */
    refresh() {
      for (const { drawn, row } of shown.values()) drawn.update(row);
    },
  };
}

/** @param {number} columns */
function gap(columns) {
  const line = document.createElement('tr');
  line.className = 'gap';
  line.setAttribute('aria-hidden', 'true');
  line.append(document.createElement('td'));
  line.firstElementChild?.setAttribute('colspan', String(columns));
  return line;
}

/** @param {HTMLElement} line @param {number} height */
function size(line, height) {
  const cell = /** @type {HTMLElement} */ (line.firstElementChild);
  cell.style.height = `${height}px`;
  line.hidden = height === 0;
}
