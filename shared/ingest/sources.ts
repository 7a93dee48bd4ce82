import { guardduty } from './aws/guardduty.ts';
import { defender } from './azure/defender.ts';
import { defenderStorage } from './azure/defender-storage.ts';
import type { Source } from './source.ts';

/** Every kind of message that Cordon understands. */
export const sources: readonly Source[] = [
  // AWS
  guardduty,
  // Azure
  defender,
  defenderStorage,
];
