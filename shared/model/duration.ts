import * as z from 'zod';

const seconds = { s: 1, m: 60, h: 3_600, d: 86_400 } as const;

/** `90s`, `30m`, `24h` or `7d`. */
export const Duration = z.string().regex(/^[1-9]\d{0,5}[smhd]$/, 'a duration looks like 90s, 30m, 24h or 7d');

/** A duration in seconds. */
export const secondsOf = (duration: string): number =>
  Number(duration.slice(0, -1)) * seconds[duration.slice(-1) as keyof typeof seconds]; // the schema allows no other letter

/** An ISO instant moved by seconds. */
export const later = (instant: string, bySeconds: number): string =>
  new Date(Date.parse(instant) + bySeconds * 1_000).toISOString();
