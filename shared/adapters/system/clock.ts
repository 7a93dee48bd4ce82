import { setTimeout } from 'node:timers/promises';
import type { Clock } from '../../ports/clock.ts';

/** The time of this machine. */
export const systemClock: Clock = {
  now: () => new Date().toISOString(),
  sleep: (seconds, signal) => setTimeout(seconds * 1_000, undefined, { signal }),
};
