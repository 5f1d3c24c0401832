/** Numbers and times as people read them. */

const numbers = new Intl.NumberFormat('en', { useGrouping: true });
const moments = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

/** @param {number} value */
export const number = (value) => numbers.format(value).replaceAll(',', '\u202f');

/** @param {number} value @param {string} one @param {string} many */
export const count = (value, one, many) => `${number(value)} ${value === 1 ? one : many}`;

/** The two largest units of a time. @param {number} milliseconds */
export function duration(milliseconds) {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 24 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** @param {number} epoch milliseconds since 1970; 0 for never */
export const moment = (epoch) => (epoch > 0 && Number.isFinite(epoch) && epoch < 8.64e15 ? moments.format(epoch) : 'never');
