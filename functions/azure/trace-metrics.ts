import type { Metrics } from '../../shared/ports/metrics.ts';

/**
 * Measurements as lines of JSON in the log, one each, that Application Insights keeps as traces and queries read
 * (`parse_json(message)`). They must not be sampled: host.json leaves traces out of it.
 */
export const traceMetrics = (stage: string, write: (line: string) => void): Metrics => ({
  put(measured, about = {}) {
    for (const { name, unit, value, dimensions } of measured)
      write(
        JSON.stringify({ level: 'info', message: 'metric', metric: name, value, unit, stage, ...dimensions, ...about }),
      );
  },
});
