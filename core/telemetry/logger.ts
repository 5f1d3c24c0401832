/** The log: one JSON object a line on standard output, and the same lines by OTLP where that is on. */
import { type DestinationStream, destination, type Logger, pino } from 'pino';

export type { Logger };
/** Sends one line: its text, and its severity by OpenTelemetry's scale. */
export type ExportLine = (line: string, severityNumber: number, severityText: string) => void;

export const noExport: ExportLine = () => {};

/** pino's level numbers (30 is info) and OpenTelemetry's (9 is INFO). */
const SEVERITY: Readonly<Record<string, number>> = { trace: 1, debug: 5, info: 9, warn: 13, error: 17, fatal: 21 };

export interface Log {
  readonly logger: Logger;
  /** Writes out what is buffered. */
  write(): void;
  /** Writes out what is buffered, and stops. */
  close(): Promise<void>;
}

/** Lines are gathered into writes of 4 KiB, or after `FLUSH_EVERY` milliseconds: a write a request would cost more than the line. */
const FLUSH_EVERY = 200;

export function createLog(gateway: string, exportLine: ExportLine, fd = 1): Log {
  const out = destination({ fd, sync: false, minLength: 4096 });
  // Who reads the log may go away; the gateway stays.
  out.on('error', () => {});
  const timer = setInterval(() => out.flush(), FLUSH_EVERY).unref();
  const stream: DestinationStream & { lastLevel: number } = {
    lastLevel: 30,
    write(line) {
      out.write(line);
      if (exportLine === noExport) return;
      const level = pino.levels.labels[this.lastLevel] ?? 'info';
      exportLine(line.trimEnd(), SEVERITY[level] ?? 9, level.toUpperCase());
    },
  };
  Object.defineProperty(stream, Symbol.for('pino.metadata'), { value: true });
  const logger = pino(
    { base: { gateway }, timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: (level) => ({ level }) }, messageKey: 'message' },
    stream,
  );
  return {
    logger,
    write: () => out.flush(),
    close() {
      clearInterval(timer);
      return new Promise((resolve) => out.flush(() => resolve()));
    },
  };
}
