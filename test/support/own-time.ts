import { syncBuiltinESMExports } from 'node:module';
import timers from 'node:timers/promises';

/** A `Date` that begins at an instant, and how to make it later. */
function dateFrom(start: number) {
  const real = Date;
  let shift = start - real.now();
  const now = (): number => real.now() + shift;
  const date = new Proxy(real, {
    construct: (target, given, called) => Reflect.construct(target, given.length === 0 ? [now()] : given, called),
    get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
  });
  const later = (milliseconds: number): void => {
    shift += milliseconds;
  };
  return { date, now, later };
}

/**
 * Loaded first in a process under test: its day is the test's, `OWN_TIME_START`, and a wait passes at once, with the day
 * moved by as much.
 */
const { date, now, later } = dateFrom(Date.parse(process.env['OWN_TIME_START'] ?? ''));
globalThis.Date = date;
const skip: typeof timers.setTimeout = async (milliseconds = 1, value) => {
  later(milliseconds);
  return value as Exclude<typeof value, undefined>; // as Node types it: what was given comes back
};
timers.setTimeout = skip;
syncBuiltinESMExports();

/** Moves the day of this process on to an instant, in milliseconds; never back. */
export const moveTo = (milliseconds: number): void => later(Math.max(0, milliseconds - now()));
