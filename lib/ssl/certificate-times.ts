import { rangeError, typeError } from '../common/arguments.ts';
import { Tag, type Element } from './der.ts';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** The fields of a time after its year. */
const REST = String.raw`(\d\d)(\d\d)(\d\d)(\d\d)`;
const ZONE = String.raw`(?:Z|([+-])(0\d|1[0-2])([0-5]\d))`;

/** What the types of times look like (OpenSSL reads more than RFC 5280, 4.1.2.5, allows). */
const TIMES: ReadonlyMap<number, RegExp> = new Map([
  [Tag.UTC_TIME, new RegExp(`^(\\d{2})${REST}(\\d\\d)?()${ZONE}$`)],
  [Tag.GENERALIZED_TIME, new RegExp(`^(\\d{4})${REST}(?:(\\d\\d)(\\.\\d+)?)?${ZONE}$`)],
]);

/** What OpenSSL prints where it cannot read a time. */
const BAD_TIME = 'Bad time value';

/** A time in a certificate as OpenSSL prints it: `'Jun  1 12:00:00 2030 GMT'`. */
export function timeOf(element: Element | undefined): string {
  const fields = element === undefined ? null : TIMES.get(element.tag)?.exec(element.contents.toString('latin1'));
  if (fields === null || fields === undefined) return BAD_TIME;
  const [, year = '', month, day, hour, minute, second, fraction = '', sign, hours = '0', minutes = '0'] = fields;
  const local = instant(
    Number(fullYear(year)),
    Number(month),
    Number(day),
    Number(hour),
    Number(minute),
    Number(second ?? 0),
  );
  if (local === undefined) return BAD_TIME;
  const offset = (Number(hours) * 60 + Number(minutes)) * (sign === '-' ? 1 : -1);
  const time = new Date(local + offset * 60_000);
  const clock = time.toISOString().slice(-13, -5);
  const monthAndDay = `${MONTHS[time.getUTCMonth()] ?? ''} ${String(time.getUTCDate()).padStart(2)}`;
  return `${monthAndDay} ${clock}${fraction} ${time.getUTCFullYear()} GMT`;
}

/** A year of two digits is one from 1950 to 2049 (RFC 5280, 4.1.2.5.1). */
function fullYear(digits: string): string {
  if (digits.length === 4) return digits;
  return digits < '50' ? `20${digits}` : `19${digits}`;
}

/** The milliseconds of a time in UTC; `undefined` for one that does not exist, as on 30 February. */
function instant(
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
): number | undefined {
  const time = new Date(0);
  time.setUTCFullYear(year, month - 1, day);
  time.setUTCHours(hour, minute, second);
  const isReal =
    time.getUTCMonth() === month - 1 &&
    time.getUTCDate() === day &&
    time.getUTCHours() === hour &&
    time.getUTCMinutes() === minute &&
    time.getUTCSeconds() === second;
  return isReal ? time.getTime() : undefined;
}

/** What Python's strptime() takes for these fields. */
const CERT_TIME =
  /^\s+(3[01]|[12]\d|0[1-9]|[1-9]| [1-9])\s+(2[0-3]|[01]\d|\d):([0-5]\d|\d):(6[01]|[0-5]\d|\d)\s+(\d{4})\s+GMT$/i;

/**
 * The seconds since 1970 of a time that `getpeercert()` gives.
 *
 * @param certTime - such as `'Jan  5 09:34:43 2018 GMT'`.
 * @returns the seconds, a whole number.
 * @throws RangeError if it is no such time.
 *
 * @see https://docs.python.org/3/library/ssl.html#ssl.cert_time_to_seconds
 */
export function certTimeToSeconds(certTime: string): number {
  if (typeof certTime !== 'string') throw typeError('cert_time must be a string', certTime);
  const name = certTime.slice(0, 1).toUpperCase() + certTime.slice(1, 3).toLowerCase();
  const month = MONTHS.indexOf(name);
  const fields = CERT_TIME.exec(certTime.slice(3))?.slice(1).map(Number);
  const [day = 0, hour = 0, minute = 0, second = 0, year = 0] = fields ?? [];
  if (month === -1 || fields === undefined || year === 0) {
    throw rangeError('time data does not match format "%b %d %H:%M:%S %Y GMT"', certTime);
  }
  const time = new Date(0);
  // A day that the month does not have is one of the next month, and a leap second the next one, as in Python.
  time.setUTCFullYear(year, month, day);
  time.setUTCHours(hour, minute, second);
  return time.getTime() / 1000;
}
