import { metricNamespace } from '../../shared/report/metrics.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { About, Measured, Metrics } from '../../shared/ports/metrics.ts';

/** CloudWatch takes at most so many metrics in one line, and so many values of one metric. */
const most = 100;

const sorted = (words: Readonly<Record<string, string>>): readonly (readonly [string, string])[] =>
  Object.entries(words).sort(([one], [other]) => (one < other ? -1 : 1));

/** Several values of one metric are a list. */
function valuesOf(measured: readonly Measured[]): Record<string, number | readonly number[]> {
  const byName = Map.groupBy(measured, ({ name }) => name);
  return Object.fromEntries(
    [...byName].map(([name, same]) => [
      name,
      same.length === 1 ? (same[0]?.value ?? 0) : same.map(({ value }) => value),
    ]),
  );
}

function lineOf(measured: readonly Measured[], stage: string, about: About, now: string): string {
  const dimensions = { stage, ...measured[0]?.dimensions };
  const units = new Map(measured.map(({ name, unit }) => [name, unit]));
  const directive = {
    Namespace: metricNamespace,
    Dimensions: [Object.keys(dimensions)],
    Metrics: Array.from(units, ([Name, Unit]) => ({ Name, Unit })),
  };
  const head = { Timestamp: Date.parse(now), CloudWatchMetrics: [directive] };
  return JSON.stringify({ _aws: head, ...about, ...dimensions, ...valuesOf(measured) });
}

const inParts = <T>(all: readonly T[]): readonly (readonly T[])[] =>
  Array.from({ length: Math.ceil(all.length / most) }, (_, at) => all.slice(at * most, (at + 1) * most));

/**
 * Measurements as lines of JSON that CloudWatch makes metrics of (docs.aws.amazon.com/AmazonCloudWatch, "Specification:
 * embedded metric format"), one line for each set of dimensions. `write` takes whole lines and must put nothing before
 * them: not the console of a Lambda function, which does.
 */
export const emfMetrics = ({
  stage,
  clock,
  write,
}: {
  readonly stage: string;
  readonly clock: Clock;
  readonly write: (line: string) => void;
}): Metrics => ({
  put(measured, about = {}) {
    const groups = Map.groupBy(measured, ({ dimensions }) => JSON.stringify(sorted(dimensions)));
    for (const group of groups.values())
      for (const part of inParts(group)) write(`${lineOf(part, stage, about, clock.now())}\n`);
  },
});
