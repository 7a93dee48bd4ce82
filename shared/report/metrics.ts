import type { Measured, Unit } from '../ports/metrics.ts';

/** The namespace of all metrics in CloudWatch. */
export const metricNamespace = 'Cordon';

/** What measurements are told apart by, beside the stage, which all have. Ids of resources, accounts or runs never are. */
export type Dimension = 'cloud' | 'playbook' | 'outcome' | 'reason';

/** When a metric is measured: with events, at the end of a run, or in every round of the schedule. */
export type Moment = 'event' | 'run' | 'round' | 'hour';

type Metric = {
  readonly unit: Unit;
  readonly at: Moment;
  readonly meaning: string;
  readonly by: readonly Dimension[];
};

/** Every metric, the same in both clouds. All have the dimension `stage`, and those under `by`, always all of them. */
export const metrics = {
  EventsReceived: {
    unit: 'Count',
    at: 'event',
    by: [],
    meaning: 'Events taken to their end, those that came again too.',
  },
  EventsIgnored: {
    unit: 'Count',
    at: 'event',
    by: [],
    meaning: 'Events of a known source that have nothing to contain.',
  },
  EventsQuarantined: { unit: 'Count', at: 'event', by: [], meaning: 'Events that could not be used and are kept.' },
  EventsFailed: {
    unit: 'Count',
    at: 'event',
    by: [],
    meaning: 'Events that could not be taken now and come again, or end in a dead-letter queue.',
  },
  EventsDeadLettered: {
    unit: 'Count',
    at: 'event',
    by: [],
    meaning: 'Events whose last try failed: they lie in a dead-letter queue, or are set aside.',
  },
  FindingsReceived: { unit: 'Count', at: 'event', by: [], meaning: 'Findings in the events that were taken.' },
  Skipped: {
    unit: 'Count',
    at: 'event',
    by: ['reason'],
    meaning: 'Findings, or playbooks for a finding, that open no run, by the reason.',
  },
  DuplicatesSuppressed: {
    unit: 'Count',
    at: 'event',
    by: [],
    meaning: 'Deliveries that found their run opened already, or brought a version that was handled.',
  },
  OldestEventAgeSeconds: {
    unit: 'Seconds',
    at: 'event',
    by: [],
    meaning: 'How long the oldest event of an invocation had waited in its queue or hub.',
  },
  RunsStarted: { unit: 'Count', at: 'event', by: ['playbook'], meaning: 'Runs that events opened.' },
  RunsEnded: { unit: 'Count', at: 'run', by: ['outcome'], meaning: 'Runs that are over, by how they ended.' },
  TimeToPlan: {
    unit: 'Milliseconds',
    at: 'run',
    by: ['playbook'],
    meaning: 'From the opening of a run to its first plan.',
  },
  TimeToApprove: {
    unit: 'Milliseconds',
    at: 'run',
    by: ['playbook'],
    meaning: 'From a question to the last answer it needed.',
  },
  TimeToContain: {
    unit: 'Milliseconds',
    at: 'run',
    by: ['playbook'],
    meaning: 'From the opening of a run to its last change, people’s answers included.',
  },
  TimeToVerify: {
    unit: 'Milliseconds',
    at: 'run',
    by: ['playbook'],
    meaning: 'From the opening of a run to the last read that shows its changes.',
  },
  ThrottleWait: {
    unit: 'Milliseconds',
    at: 'run',
    by: [],
    meaning: 'What a run waited for room in a provider’s quota, and before it tried again what failed for now.',
  },
  VerifyFailed: {
    unit: 'Count',
    at: 'run',
    by: [],
    meaning: 'Steps whose change does not show when read again.',
  },
  DriftDetected: {
    unit: 'Count',
    at: 'run',
    by: [],
    meaning:
      'Resources that changed under a run, so that it planned anew, and containments found open again by the watch.',
  },
  RunsNeverStarted: {
    unit: 'Count',
    at: 'round',
    by: [],
    meaning: 'Runs open for more than two minutes that nothing has carried on yet.',
  },
  ApprovalsPending: { unit: 'Count', at: 'round', by: [], meaning: 'Questions that somebody can still answer.' },
  OldestApprovalAgeSeconds: {
    unit: 'Seconds',
    at: 'round',
    by: [],
    meaning: 'For how long the oldest of them has waited; 0 where none does.',
  },
  BreakersOpen: { unit: 'Count', at: 'round', by: [], meaning: 'Circuit breakers that are open.' },
  BudgetRemaining: {
    unit: 'Count',
    at: 'round',
    by: ['playbook'],
    meaning: 'How many more runs of a playbook may act within the hour.',
  },
  ContainmentsHeld: { unit: 'Count', at: 'round', by: [], meaning: 'What is cut off now.' },
  OutboxWaiting: { unit: 'Count', at: 'round', by: [], meaning: 'Messages that wait to be sent.' },
  OutboxGivenUp: { unit: 'Count', at: 'round', by: [], meaning: 'Messages that are not tried any more, of all time.' },
  AuditLagSeconds: {
    unit: 'Seconds',
    at: 'round',
    by: [],
    meaning: 'Since the heads of the journals were last anchored outside; nothing where there is no such place.',
  },
  FindingsMissed: {
    unit: 'Count',
    at: 'hour',
    by: ['cloud'],
    meaning: 'Findings active at the provider, at least half an hour old, that never arrived.',
  },
  ReconciliationFailed: {
    unit: 'Count',
    at: 'hour',
    by: ['cloud'],
    meaning: 'Accounts whose active findings could not all be compared.',
  },
  RunsUnaccounted: {
    unit: 'Count',
    at: 'hour',
    by: [],
    meaning:
      'Runs that events opened today, or on a day of the last week that has not been whole since, as counted when they came, and that the records do not have.',
  },
} as const satisfies Readonly<Record<string, Metric>>;

export type MetricName = keyof typeof metrics;
/** The dimensions of one metric, each with its word. */
type WordsOf<N extends MetricName> = Readonly<Record<(typeof metrics)[N]['by'][number], string>>;
type Words<N extends MetricName> = keyof WordsOf<N> extends never ? [] : [words: WordsOf<N>];

/** A measurement of a metric, with a word for each of its dimensions. */
export function measure<N extends MetricName>(name: N, value: number, ...[words]: Words<N>): Measured {
  return { name, unit: metrics[name].unit, value, dimensions: { ...words } };
}
