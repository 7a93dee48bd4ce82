import { later } from '../../shared/model/duration.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { Measured, Metrics } from '../../shared/ports/metrics.ts';
import { faultFields, log } from '../log.ts';
import type { MetricSender, SenderOptions } from './metric-sender.ts';

/** Metrics that are sent over the network, when a host says so. */
export type SentMetrics = Metrics & {
  /** Sends what was put; over when it was taken, or told in the log as lost. Never rejects, and takes seconds at most. */
  flush(): Promise<void>;
};

/** For how long nothing is sent after a failure, so that an endpoint that is down holds up one invocation and not all. */
const restSeconds = 60;

/**
 * Measurements as metrics of OpenTelemetry that Application Insights takes (its table `customMetrics`, `AppMetrics` in
 * Log Analytics). What a measurement is about stays out: there a dimension is all it could be, and nothing is counted
 * by ids; the log lines of the run have it. The SDK is loaded when something is first sent.
 */
export function azureMonitorMetrics({ clock, ...options }: SenderOptions & { readonly clock: Clock }): SentMetrics {
  const waiting: Measured[] = [];
  let sender: MetricSender | undefined;
  let restsUntil = '';
  async function send(): Promise<void> {
    if (waiting.length === 0 || clock.now() < restsUntil) return;
    const measured = waiting.splice(0);
    try {
      sender ??= (await import('./metric-sender.ts')).metricSender(options);
      await sender(measured);
    } catch (thrown) {
      restsUntil = later(clock.now(), restSeconds);
      log('warn', 'measurements were lost', { measured: measured.length, ...faultFields(thrown) });
    }
  }
  let sending: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;
  return {
    async put(measured) {
      waiting.push(...measured);
    },
    flush() {
      // one at a time: all who come while something is sent share the next
      next ??= sending.then(() => {
        next = undefined;
        sending = send();
        return sending;
      });
      return next;
    },
  };
}
