import { type MetricName, type Moment, metricNamespace, metrics } from '../report/metrics.ts';
import type { Generated } from './generated.ts';
import { page, table } from './reference.ts';

/** When metrics are measured, in the order of the page. */
const moments: Readonly<Record<Moment, string>> = {
  event: 'When events are taken',
  run: 'When a run ends',
  round: 'Every minute',
  hour: 'Every hour',
};

const rowsOf = (moment: Moment): string[][] =>
  Object.entries(metrics).flatMap(([name, { unit, at, by, meaning }]) =>
    at === moment ? [[`\`${name}\``, unit, ['stage', ...by].map((word) => `\`${word}\``).join(', '), meaning]] : [],
  );

/** The query that finds one metric in Application Insights. */
const query = (name: MetricName): string[] => [
  '```kusto',
  `traces | extend m = parse_json(message) | where tostring(m.metric) == "${name}"`,
  '| summarize sum(todouble(m.value)) by bin(timestamp, 5m), tostring(m.outcome)',
  '```',
];

/** Every metric: its name, unit and dimensions, and where it is found. */
export const metricReference = (): Generated =>
  page('metrics.md', [
    '# Metrics',
    '',
    'The names, units and dimensions are the same in both clouds. No dimension names a resource, an account or a run, so that their number does not grow with what happens; the run of a measurement stands beside it in the log line.',
    '',
    `- **AWS**: namespace \`${metricNamespace}\` in CloudWatch, from lines in the embedded metric format.`,
    '- **Azure**: log lines in the table `traces` of Application Insights (`AppTraces` in Log Analytics), one for each measurement, as JSON with `metric`, `value`, `unit` and the dimensions.',
    '',
    ...query('RunsEnded'),
    '',
    ...Object.entries(moments).flatMap(([moment, title]) => [
      `## ${title}`,
      '',
      ...table(['metric', 'unit', 'dimensions', 'meaning'], rowsOf(moment as Moment)), // a key of the table above
      '',
    ]),
  ]);
