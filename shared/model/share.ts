import { digest, type Json } from './json.ts';

/** A number from 0 up to 1 that is always the same for the same value: jitter without chance. */
export const shareOf = (value: Json): number => Number.parseInt(digest(value).slice(0, 8), 16) / 2 ** 32;
