import type { About, Measured, Metrics } from '../../shared/ports/metrics.ts';
import { metricNamespace } from '../../shared/report/metrics.ts';
import { faultFields, log } from '../log.ts';

const sorted = (words: Readonly<Record<string, string>>): readonly (readonly [string, string])[] =>
  Object.entries(words).sort(([one], [other]) => (one < other ? -1 : 1));

const remark = (...words: unknown[]): void =>
  log('warn', 'Powertools remarks on metrics', { remark: words.map(String).join(' ') });
/** The library's own remarks go to the log, not among the lines that CloudWatch makes metrics of. */
const remarks = { debug: () => undefined, info: () => undefined, warn: remark, error: remark };

/** Prints what has the same dimensions: one line, or more where it is too much for one. */
async function print(measured: readonly Measured[], dimensions: About, about: About): Promise<void> {
  // not needed before something is measured, which is after the work
  const { Metrics: Powertools } = await import('@aws-lambda-powertools/metrics');
  // one for each line: nothing that another invocation adds can come between
  const metrics = new Powertools({ namespace: metricNamespace, logger: remarks });
  metrics.clearDefaultDimensions(); // `service`, by which nothing is counted here
  metrics.setDefaultDimensions(dimensions); // those outlive a line that is full
  const tell = () => sorted(about).forEach(([name, word]) => void metrics.addMetadata(name, word)); // these do not
  for (const { name, unit, value } of measured) {
    tell();
    metrics.addMetric(name, unit, value);
  }
  tell();
  if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
}

/**
 * Measurements as lines of JSON that CloudWatch makes metrics of, written by Powertools
 * (docs.aws.amazon.com/powertools/typescript/latest/features/metrics), one line for each set of dimensions. Lines go to
 * `process.stdout`: the console of a Lambda function puts words before them.
 */
export const powertoolsMetrics = (stage: string): Metrics => ({
  async put(measured, about = {}) {
    const groups = Map.groupBy(measured, ({ dimensions }) => JSON.stringify(sorted(dimensions)));
    try {
      for (const group of groups.values()) await print(group, { stage, ...group[0]?.dimensions }, about);
    } catch (thrown) {
      log('warn', 'measurements were lost', { ...about, measured: measured.length, ...faultFields(thrown) });
    }
  },
});
