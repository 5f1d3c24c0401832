/** HTTP's dates (RFC 9110 section 5.6.7): the one that is written, and the two that were. */

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const TIME = '(\\d{2}):(\\d{2}):(\\d{2})';

/** `Sun, 06 Nov 1994 08:49:37 GMT` */
const IMF_FIXDATE = new RegExp(`^(?:mon|tue|wed|thu|fri|sat|sun), (\\d{2}) ([a-z]{3}) (\\d{4}) ${TIME} gmt$`);
/** `Sunday, 06-Nov-94 08:49:37 GMT` */
const RFC_850 = new RegExp(`^(?:mon|tues|wednes|thurs|fri|satur|sun)day, (\\d{2})-([a-z]{3})-(\\d{2}) ${TIME} gmt$`);
/** `Sun Nov  6 08:49:37 1994` */
const ASCTIME = new RegExp(`^(?:mon|tue|wed|thu|fri|sat|sun) ([a-z]{3}) ([ \\d]\\d) ${TIME} (\\d{4})$`);

/**
 * Milliseconds since 1970; `undefined` for whatever is no such date, for a guess could make an answer fresh that is not.
 * @param now decides the century of a year with two digits: never more than 50 years ahead
 */
export function readDate(text: string | undefined, now: number): number | undefined {
  if (text === undefined) return undefined;
  const date = text.trim().toLowerCase();
  const fixed = IMF_FIXDATE.exec(date);
  if (fixed) {
    const [, day, month, year, ...time] = fixed;
    return moment(Number(year), month, Number(day), time);
  }
  const dashed = RFC_850.exec(date);
  if (dashed) {
    const [, day, month, digits, ...time] = dashed;
    const thisYear = new Date(now).getUTCFullYear();
    const year = Math.floor(thisYear / 100) * 100 + Number(digits);
    return moment(year > thisYear + 50 ? year - 100 : year, month, Number(day), time);
  }
  const [, month, day, hours = '', minutes = '', seconds = '', year] = ASCTIME.exec(date) ?? [];
  return month === undefined ? undefined : moment(Number(year), month, Number(day), [hours, minutes, seconds]);
}

export function writeDate(milliseconds: number): string {
  return new Date(milliseconds).toUTCString();
}

function moment(year: number, monthName: string | undefined, day: number, time: readonly string[]): number | undefined {
  const month = MONTHS.indexOf(monthName ?? '');
  const [hours = 0, minutes = 0, seconds = 0] = time.map(Number);
  if (month === -1 || hours > 23 || minutes > 59 || seconds > 60) return undefined;
  const date = new Date(Date.UTC(2000, month, day, hours, minutes, seconds));
  date.setUTCFullYear(year, month, day);
  // The 31st of February would be a day in March.
  return date.getUTCDate() === day || seconds === 60 ? date.getTime() : undefined;
}
