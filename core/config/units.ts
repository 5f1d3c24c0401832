/** Values with units: strings in the file, plain numbers in the code. Each parser answers null for what it does not accept. */
import type { Rate } from './schema/index.ts';

/** Node's timers hold no more (2^31 - 1 ms, over 24 days) and fire at once when given more. */
export const longestDuration = 2 ** 31 - 1;

const milliseconds: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
const bytes: Readonly<Record<string, number>> = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 };

/** A number and a unit as a whole number of the smallest unit. */
function scaled(text: string, pattern: RegExp, units: Readonly<Record<string, number>>): number | null {
  const [, amount, unit] = pattern.exec(text) ?? [];
  if (amount === undefined || unit === undefined) return null;
  const factor = units[unit];
  if (factor === undefined) return null;
  // Rounded only to undo binary fractions (1.1s is 1100ms), never to hide that 0.5ms is not a whole number.
  const exact = Number(amount) * factor;
  const value = Math.round(exact);
  return Math.abs(exact - value) < 1e-6 && Number.isSafeInteger(value) ? value : null;
}

/** `250ms`, `1.5s`, `1m`, `1h` in milliseconds. */
export function parseDuration(text: string): number | null {
  const value = scaled(text, /^(\d+(?:\.\d+)?)(ms|s|m|h)$/, milliseconds);
  return value === null || value > longestDuration ? null : value;
}

/** `512B`, `16KiB`, `1.5MiB`, `1GiB` in bytes. */
export const parseSize = (text: string): number | null => scaled(text, /^(\d+(?:\.\d+)?)(B|KiB|MiB|GiB)$/, bytes);

/** `100/s`, `20/m`, `1000/h`. */
export function parseRate(text: string): Rate | null {
  const [, amount, unit] = /^(\d+)\/(s|m|h)$/.exec(text) ?? [];
  const windowMs = unit === undefined ? undefined : milliseconds[unit];
  if (amount === undefined || windowMs === undefined) return null;
  const limit = Number(amount);
  return limit >= 1 && Number.isSafeInteger(limit) ? { limit, windowMs } : null;
}

/** `10%`, `0.5%` as a fraction from 0 to 1. */
export function parsePercentage(text: string): number | null {
  const [, amount] = /^(\d+(?:\.\d+)?)%$/.exec(text) ?? [];
  if (amount === undefined) return null;
  const value = Number(amount);
  return value <= 100 ? value / 100 : null;
}

/** Milliseconds as they are written in the file: the largest unit that divides them. */
export function formatDuration(value: number): string {
  for (const unit of ['h', 'm', 's']) {
    const factor = milliseconds[unit] ?? 1;
    if (value >= factor && value % factor === 0) return `${value / factor}${unit}`;
  }
  return `${value}ms`;
}
