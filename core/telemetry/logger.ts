/** The log: one JSON object a line on standard output, and the same lines by OTLP where that is on. */
import { type DestinationStream, destination, type Logger, type LoggerOptions, pino } from 'pino';

export type { Logger };
/** Sends one line: its text, and its severity by OpenTelemetry's scale. */
export type ExportLine = (line: string, severityNumber: number, severityText: string) => void;

export const noExport: ExportLine = () => {};

/** pino's level numbers (30 is info) and OpenTelemetry's (9 is INFO). */
const SEVERITY: Readonly<Record<string, number>> = { trace: 1, debug: 5, info: 9, warn: 13, error: 17, fatal: 21 };

export interface Log {
  readonly logger: Logger;
  /**
   * Writes the line of a request, as the logger would: these come by the thousand, and to put one together key by key costs several
   * times as much. @param exported whether it is exported, too
   */
  request(line: object, exported: boolean): void;
  /** Writes out what is buffered. */
  write(): void;
  /** Writes out what is buffered, and stops. */
  close(): Promise<void>;
}

/** Lines are gathered into writes of so many characters, or after `FLUSH_EVERY` milliseconds: a write a request would cost more than the line. */
const LEAST = 4096;
const FLUSH_EVERY = 200;

export function createLog(gateway: string, exportLine: ExportLine, fd = 1): Log {
  const out = destination({ fd, sync: false, minLength: LEAST });
  // It measures all that it has gathered anew at every line, and so gets whole pieces.
  let gathered = '';
  const spill = () => {
    const text = gathered;
    gathered = '';
    if (text !== '') out.write(text);
  };
  const { flush, flushSync } = out;
  out.flush = (callback) => {
    spill();
    flush.call(out, callback);
  };
  // At the end of the process: a write that is begun now would not be ended.
  out.flushSync = () => {
    Object.assign(out, { minLength: Number.POSITIVE_INFINITY });
    spill();
    flushSync.call(out);
  };
  const timer = setInterval(() => out.flush(), FLUSH_EVERY).unref();
  let open = true;
  // At the end of the process sonic-boom writes what is left, and tries for ever where nothing can be written: to a pipe that
  // nobody reads, or to a descriptor that is closed, or by then somebody else's.
  const stop = () => {
    open = false;
    clearInterval(timer);
    Object.assign(out, { destroyed: true, write: () => false });
  };
  // Who reads the log may go away; the gateway stays.
  out.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE' || error.code === 'EBADF') stop();
  });
  const put = (line: string, level: string, exported: boolean) => {
    gathered += line;
    if (gathered.length >= LEAST) spill();
    if (exported && exportLine !== noExport) exportLine(line.trimEnd(), SEVERITY[level] ?? 9, level.toUpperCase());
  };
  const stream: DestinationStream & { lastLevel: number } = {
    lastLevel: 30,
    write(line) {
      put(line, pino.levels.labels[this.lastLevel] ?? 'info', true);
    },
  };
  Object.defineProperty(stream, Symbol.for('pino.metadata'), { value: true });
  const options: LoggerOptions = { base: { gateway }, timestamp, formatters: { level: (level) => ({ level }) }, messageKey: 'message' };
  const logger = pino(options, stream);
  const base = `,"gateway":${JSON.stringify(gateway)},`;
  return {
    logger,
    request: (line, exported) => put(`{"level":"info"${timestamp()}${base}${JSON.stringify(line).slice(1)}\n`, 'info', exported),
    write: () => void (open && out.flush()),
    async close() {
      // The first waits for the write under way, the second writes what was gathered meanwhile.
      for (let count = 0; open && count < 2; count += 1) await new Promise<void>((resolve) => out.flush(() => resolve()));
      stop();
    },
  };
}

let stampedAt = 0;
let stamp = '';

/** The time in ISO 8601, written once a millisecond and not once a line. */
function timestamp(): string {
  const now = Date.now();
  if (now !== stampedAt) {
    stampedAt = now;
    stamp = `,"time":"${new Date(now).toISOString()}"`;
  }
  return stamp;
}
