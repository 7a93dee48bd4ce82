/**
 * What durable-functions registers an orchestration with. Its entry loads an HTTP client and much else, and every
 * function of the app would pay for that when the app starts; this part is loaded when an orchestration is first called.
 */
declare module 'durable-functions/lib/src/util/testingUtils.js' {
  import type { InvocationContext } from '@azure/functions';
  import type { OrchestrationHandler } from 'durable-functions';

  export function createOrchestrator(
    handler: OrchestrationHandler,
  ): (trigger: unknown, context: InvocationContext) => Promise<unknown>;
}
