import type { Json } from '../model/json.ts';

/**
 * The way to the home in the other cloud. Resolves when the home's bus or topic has taken the event; the same event may
 * be handed on twice, and is one there. Throws `CordonError`: `retryable` is false for what it will never take.
 */
export type Forwarder = { forward(event: Json, receivedAt: string, signal: AbortSignal): Promise<void> };
