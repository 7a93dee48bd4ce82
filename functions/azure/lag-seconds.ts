import type { InvocationContext } from '@azure/functions';

/**
 * How long the oldest message of a batch has waited in the hub, where the trigger tells when each came in
 * (learn.microsoft.com/azure/azure-functions/functions-bindings-event-hubs-trigger, event metadata).
 */
export function lagSeconds({ triggerMetadata }: InvocationContext, now: string): number | null {
  const told: unknown = triggerMetadata?.['enqueuedTimeUtcArray'];
  const times = (Array.isArray(told) ? told : []).map((time) => Date.parse(String(time))).filter(Number.isFinite);
  if (times.length === 0) return null;
  return Math.max(0, Math.round((Date.parse(now) - Math.min(...times)) / 1_000));
}
