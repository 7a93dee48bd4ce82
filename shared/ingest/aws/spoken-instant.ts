import * as z from 'zod';
import { Instant } from '../shape.ts';

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `Sat, 05 Jun 2016 15:10:09 GMT`, as Health writes it (RFC 1123, the day with one digit or two). */
const httpDate = /^[A-Z][a-z]{2}, (?<day>\d{1,2}) (?<month>[A-Z][a-z]{2}) (?<year>\d{4}) (?<time>\d\d:\d\d:\d\d) GMT$/;
/** `Thu Sep 05 13:06:56.334 UTC 2024`, as Inspector writes it. */
const unixDate =
  /^[A-Z][a-z]{2} (?<month>[A-Z][a-z]{2}) (?<day>\d\d) (?<time>\d\d:\d\d:\d\d(\.\d{1,9})?) UTC (?<year>\d{4})$/;
/** `Dec 3, 2021, 6:02:30 PM`, as Inspector wrote it before; in UTC, and since Java 20 with a narrow space. */
const spokenDate =
  /^(?<month>[A-Z][a-z]{2}) (?<day>\d{1,2}), (?<year>\d{4}), (?<hour>\d{1,2})(?<rest>:\d\d:\d\d)\s(?<half>AM|PM)$/;

const two = (value: number | string): string => String(value).padStart(2, '0');

/** The time of day on a clock with twelve hours: 12 AM is midnight. */
const timeOf = (hour: string, rest: string, half: string): string =>
  `${two((Number(hour) % 12) + (half === 'PM' ? 12 : 0))}${rest}`;

function isoOf(text: string): string {
  const {
    year,
    month = '',
    day = '',
    time,
    hour = '',
    rest = '',
    half = '',
  } = [httpDate, unixDate, spokenDate].map((form) => form.exec(text)?.groups).find((groups) => groups) ?? {};
  if (year === undefined) return text;
  return `${year}-${two(months.indexOf(month) + 1)}-${two(day)}T${time ?? timeOf(hour, rest, half)}Z`;
}

/** A time in one of the forms that AWS writes for people, or in ISO 8601, as ISO 8601 in UTC. */
export const SpokenInstant = z.string().transform(isoOf).pipe(Instant);
