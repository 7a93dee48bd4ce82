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

/** The query that finds one metric in Log Analytics. */
const query = (name: MetricName): string[] => [
  '```kusto',
  `AppMetrics | where Name == "${name}"`,
  '| summarize sum(Sum) by bin(TimeGenerated, 5m), tostring(Properties.outcome)',
  '```',
];

/** Every metric: its name, unit and dimensions, and where it is found. */
export const metricReference = (): Generated =>
  page('metrics.md', [
    '# Metrics',
    '',
    'The names, units and dimensions are the same in both clouds. No dimension names a resource, an account or a run, so that their number does not grow with what happens.',
    '',
    `- **AWS**: namespace \`${metricNamespace}\` in CloudWatch, from lines that Powertools writes in the embedded metric format. The id of the run or request stands in the line.`,
    '- **Azure**: the table `AppMetrics` of Log Analytics (`customMetrics` in Application Insights), sent by OpenTelemetry at the end of an invocation, with the dimensions in `Properties`. What is counted when events are taken or a run ends is the sum of `Sum`; times have their number, sum, least and most in `ItemCount`, `Sum`, `Min` and `Max`; what is measured every minute or hour is the `Sum` of its row, as it stood last. Rows have no unit and no id: the log line `a run stands` has the id. What could not be sent is lost, and told in the log (`measurements were lost`). Without `APPLICATIONINSIGHTS_CONNECTION_STRING` nothing is measured.',
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
