import { app } from '@azure/functions';
import type { SentMetrics } from './azure-monitor-metrics.ts';

/** Registers what is done before the host ends the app: what was measured and is not sent yet goes out. */
export function registerOnTerminate(wired: () => Promise<{ readonly metrics?: SentMetrics }>): void {
  app.hook.appTerminate(async () => (await wired()).metrics?.flush());
}
