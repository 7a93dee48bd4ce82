import type { Clock } from '../ports/clock.ts';

/** A clock that stands still until somebody waits on it; waiting moves it. */
export type VirtualClock = Clock & {
  /** Milliseconds since the epoch. */
  readonly milliseconds: number;
  advance(seconds: number): void;
  /** Moves to an instant; never back. */
  moveTo(instant: string): void;
};

/** Starts at an instant, or at so many milliseconds since the epoch. */
export function virtualClock(start: string | number): VirtualClock {
  let now = typeof start === 'number' ? start : Date.parse(start);
  return {
    get milliseconds() {
      return now;
    },
    now: () => new Date(now).toISOString(),
    async sleep(seconds, signal) {
      signal.throwIfAborted();
      now += seconds * 1_000;
    },
    advance(seconds) {
      now += seconds * 1_000;
    },
    moveTo(instant) {
      now = Math.max(now, Date.parse(instant));
    },
  };
}
