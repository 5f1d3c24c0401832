/** The live table: read once a second, drawn anew then and at every key. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Paint } from '../paint.ts';
import { plain, shortened } from '../plain.ts';
import type { Reader, Reading } from './reader.ts';
import type { Screen } from './screen.ts';
import { drawTable, type Look, orders, views } from './table.ts';

/** Milliseconds between two readings. */
export const INTERVAL = 1_000;

const CTRL_C = '\u0003';

/** Until it is told to stop, by a key or a signal. */
export async function live(screen: Screen, reader: Reader, window: string, paint: Paint): Promise<void> {
  const ending = new AbortController();
  const stop = () => ending.abort();
  const signals = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, stop);
  let look: Look = { view: 'overview', order: 'requests' };
  let reading: Reading | undefined;
  let trouble: string | undefined;

  const draw = () => {
    const { columns, rows } = screen.size();
    const keys = `tab ${look.view}  s by ${look.order}  q quit`;
    const foot = paint('dim', shortened(trouble === undefined ? keys : plain(trouble), columns));
    const table = reading === undefined ? [] : drawTable(reading, look, { columns, rows: rows - 1 }, paint);
    screen.show([...table, foot]);
  };

  screen.onKey((key) => {
    if (key === 'q' || key === CTRL_C) return stop();
    if (key === '\t') look = { ...look, view: after(views, look.view) };
    else if (key === 's') look = { ...look, order: after(orders, look.order) };
    else return;
    draw();
  });
  screen.onResize(draw);
  try {
    while (!ending.signal.aborted) {
      try {
        reading = await reader.read(window);
        trouble = undefined;
      } catch (error) {
        trouble = error instanceof Error ? error.message : String(error);
      }
      if (!ending.signal.aborted) draw();
      await pause(INTERVAL, undefined, { signal: ending.signal }).catch(() => {});
    }
  } finally {
    for (const signal of signals) process.off(signal, stop);
    screen.close();
  }
}

const after = <T>(all: readonly T[], one: T): T => all[(all.indexOf(one) + 1) % all.length] ?? one;
