/** A terminal taken over for a while, and given back as it was. */
import { writeSync } from 'node:fs';

export interface Screen {
  size(): { readonly columns: number; readonly rows: number };
  /** Shows these lines and nothing else. */
  show(lines: readonly string[]): void;
  /** @param listener one key at a time; ctrl-C is `\u0003`, and ctrl-Z stops the process until it is continued */
  onKey(listener: (key: string) => void): void;
  onResize(listener: () => void): void;
  /** Gives the terminal back. May be called again. */
  close(): void;
}

/** The other screen, without a cursor and without lines that go on in the next. */
const ENTER = '\u001b[?1049h\u001b[?25l\u001b[?7l';
const LEAVE = '\u001b[?7h\u001b[?25h\u001b[?1049l';
const HOME = '\u001b[H';
const REST_OF_LINE = '\u001b[K';
const REST_OF_SCREEN = '\u001b[J';

const CTRL_Z = '\u001a';

/** Milliseconds after which it has not been stopped. */
const UNSTOPPED = 500;

/** Undefined where there is no terminal to show it on, or none to ask. */
export function openScreen({ stdin, stdout }: Pick<NodeJS.Process, 'stdin' | 'stdout'> = process): Screen | undefined {
  if (!stdin.isTTY || !stdout.isTTY) return undefined;
  let open = true;
  let away = false;
  let resized = () => {};
  const enter = () => {
    stdin.setRawMode(true).setEncoding('utf8').resume();
    stdout.write(ENTER);
  };
  const leave = () => {
    try {
      stdin.setRawMode(false).pause();
      writeSync(stdout.fd, LEAVE);
    } catch {
      // It is gone.
    }
  };
  /** @param whom the process, or its group: what has started it waits for it, and must stop too */
  const suspend = (whom: number) => {
    if (!open || away) return;
    away = true;
    leave();
    process.off('SIGTSTP', stopped);
    process.kill(whom, 'SIGTSTP');
    // Where nobody could continue it, nothing stops.
    setTimeout(resume, UNSTOPPED).unref();
  };
  const stopped = () => suspend(process.pid);
  const resume = () => {
    if (!open || !away) return;
    away = false;
    process.on('SIGTSTP', stopped);
    enter();
    resized();
  };
  // However the process ends, by a fault too; synchronous, for nothing else is done then.
  const close = () => {
    if (!open) return;
    open = false;
    process.off('exit', close).off('SIGTSTP', stopped).off('SIGCONT', resume);
    if (!away) leave();
  };
  process.once('exit', close).on('SIGTSTP', stopped).on('SIGCONT', resume);
  // A terminal that is closed refuses what is written; that it is gone, its signal tells.
  stdout.on('error', () => {});
  enter();
  return {
    // A terminal that does not know its size says nought.
    size: () => ({ columns: stdout.columns || 80, rows: stdout.rows || 24 }),
    show(lines) {
      if (open && !away) stdout.write(`${HOME}${lines.map((line) => `${line}${REST_OF_LINE}`).join('\r\n')}${REST_OF_SCREEN}`);
    },
    onKey(listener) {
      stdin.on('data', (typed) => {
        for (const key of String(typed)) {
          if (key === CTRL_Z) suspend(0);
          else listener(key);
        }
      });
      // The terminal is gone.
      stdin.once('end', () => listener('q'));
    },
    onResize(listener) {
      resized = listener;
      stdout.on('resize', listener);
    },
    close,
  };
}
