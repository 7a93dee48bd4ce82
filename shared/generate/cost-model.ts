import { metrics } from '../report/metrics.ts';
import { type PriceName, prices } from './prices.ts';

/** What happens in a month. */
export type Load = {
  readonly events: number;
  readonly remediations: number;
  readonly accounts: number;
  readonly regions: number;
};
export type Cloud = 'aws' | 'azure';

/** One thing that is paid for: so many of it, at its price. */
export type Line = {
  readonly what: string;
  readonly count: number;
  readonly price: PriceName;
  readonly dollars: number;
};

/** What one remediation uses, counted in a run on the sandbox from its event to the last look a day later. */
export const used = {
  /** An IAM key: on DynamoDB, with two indexes. */
  aws: { writeUnits: 70, readUnits: 37, evidencePuts: 3, evidenceGets: 1 },
  /** A port of a network security group: on Azure Tables every write and read is one operation or more. */
  azure: { writeUnits: 89, readUnits: 37, evidencePuts: 3, evidenceGets: 1 },
} as const;

/** Seconds that a function is billed for one remediation: the change has to settle, and the invocation stays for it. */
const seconds = { aws: 18, azure: 8 } as const;
const gigabytes = { aws: 0.5, azure: 2 } as const;
/** Turn, wait and look, twice, in one durable execution. */
const durableOperations = 6;
/** Months for which records and evidence are kept, and what one remediation leaves of them. */
const keptMonths = 13;
const keptGb = 60 / 1_048_576;
const logGb = { remediation: 12 / 1_048_576, event: 1 / 1_048_576, round: 0.5 / 1_048_576 } as const;
const rounds = (30 * 86_400) / 60;
/** Messages come in batches; a batch with one is the dear case. */
const eventSeconds = 0.3;
const eventRecords = { writeUnits: 2, readUnits: 1 } as const;
const roundReads = 8;
const pollers = 5;
const polls = (pollers * 30 * 86_400) / 20;
/** What on-schedule measures in each round, and what a row of that takes. */
const gauges = Object.values(metrics).filter(({ at }) => at === 'round').length;
const metricGb = 0.5 / 1_048_576;
/** Diagnostic logs of queues and of the account with evidence: a line of about a kilobyte for each write and read there. */
const storageLogGb = { remediation: 20 / 1_048_576, month: (30 * 24 * 3) / 1_048_576 } as const;
/** What the templates make for telling people, counted there by the test. A metric alert costs by what it compares. */
export const alarms = {
  aws: { home: 22, place: 1 },
  azure: { queries: 11, home: 3, subscription: 2 },
} as const;

const line = (what: string, count: number, price: PriceName): Line => ({
  what,
  count,
  price,
  dollars: count * prices[price].dollars,
});

const remediationOnAws = (): readonly Line[] => [
  line('on-run is invoked', 2, 'lambdaRequest'),
  line('on-run works, and stays until the change has settled', seconds.aws * gigabytes.aws, 'lambdaGbSecond'),
  line('its durable execution', durableOperations, 'durableOperation'),
  line('records are written', used.aws.writeUnits, 'dynamoWrite'),
  line('records are read', used.aws.readUnits, 'dynamoRead'),
  line('evidence is put', used.aws.evidencePuts, 's3Put'),
  line('evidence is read', used.aws.evidenceGets, 's3Get'),
  line('the outcome is published', 1, 'busEvent'),
  line('logs', logGb.remediation, 'logGb'),
  line('records are kept for 13 months', keptGb * keptMonths, 'dynamoGbMonth'),
  line('evidence is kept for 13 months', keptGb * keptMonths, 's3GbMonth'),
];

const remediationOnAzure = (): readonly Line[] => [
  line('on-run is executed', 2, 'functionRun'),
  line('on-run works, and stays until the change has settled', seconds.azure * gigabytes.azure, 'functionGbSecond'),
  line('records are written and read', used.azure.writeUnits + used.azure.readUnits, 'tableOperation'),
  line('queues and the history of its orchestration', 30, 'queueOperation'),
  line('evidence is put', used.azure.evidencePuts, 'blobPut'),
  line('evidence is read', used.azure.evidenceGets, 'blobGet'),
  line('the outcome is published', 1, 'gridOperation'),
  line('logs', logGb.remediation, 'appInsightsGb'),
  line('diagnostic logs of storage', storageLogGb.remediation, 'appInsightsGb'),
  line('records are kept for 13 months', keptGb * keptMonths, 'tableGbMonth'),
  line('evidence is kept for 13 months', keptGb * keptMonths, 'blobGbMonth'),
];

/** What one remediation adds, part by part. Calls to IAM, EC2, ARM and Graph cost nothing. */
export const remediation = (cloud: Cloud): readonly Line[] =>
  cloud === 'aws' ? remediationOnAws() : remediationOnAzure();

const eventOnAws = (): readonly Line[] => [
  line('forwarded to the home bus', 1, 'busEvent'),
  line('through the queue', 3, 'sqsRequest'),
  line('on-event is invoked', 1, 'lambdaRequest'),
  line('on-event works', eventSeconds * gigabytes.aws, 'lambdaGbSecond'),
  line('its version is written down', eventRecords.writeUnits, 'dynamoWrite'),
  line('and looked up', eventRecords.readUnits, 'dynamoRead'),
  line('logs', logGb.event, 'logGb'),
];

const eventOnAzure = (): readonly Line[] => [
  line('through the hub', 1, 'hubEvent'),
  line('on-event is executed', 1, 'functionRun'),
  line('on-event works, one second at least', gigabytes.azure, 'functionGbSecond'),
  line('its version is written down and looked up', eventRecords.writeUnits + eventRecords.readUnits, 'tableOperation'),
  line('logs', logGb.event, 'appInsightsGb'),
];

/** What one event adds, whether it is answered or not. */
export const event = (cloud: Cloud): readonly Line[] => (cloud === 'aws' ? eventOnAws() : eventOnAzure());

const standingOnAws = (): readonly Line[] => [
  line('on-schedule, every minute', rounds, 'lambdaRequest'),
  line('on-schedule works for a second', rounds * gigabytes.aws, 'lambdaGbSecond'),
  line('on-schedule looks what is due', rounds * roundReads, 'dynamoRead'),
  line('Lambda polls the queues', polls, 'sqsRequest'),
  line('logs of on-schedule', rounds * logGb.round, 'logGb'),
  line('alarms', alarms.aws.home, 'alarm'),
  line('metrics, in one series each', Object.keys(metrics).length, 'customMetric'),
];

const standingOnAzure = (): readonly Line[] => [
  line('Event Hubs, one throughput unit', 730, 'hubUnitHour'),
  line('on-schedule, every minute', rounds, 'functionRun'),
  line('on-schedule works for a second', rounds * gigabytes.azure, 'functionGbSecond'),
  line('on-schedule looks what is due', rounds * roundReads, 'tableOperation'),
  line('the host polls the queues', polls, 'queueOperation'),
  line('logs of on-schedule', rounds * logGb.round, 'appInsightsGb'),
  line('diagnostic logs of storage', storageLogGb.month, 'appInsightsGb'),
  line('metrics of on-schedule', rounds * gauges * metricGb, 'appInsightsGb'),
  line('alarms that ask the logs every five minutes', alarms.azure.queries, 'queryAlarm'),
  line('alarms on metrics of hub and topics', alarms.azure.home, 'metricAlarm'),
];

/** What a month costs in which nothing happens. */
export const standing = (cloud: Cloud): readonly Line[] => (cloud === 'aws' ? standingOnAws() : standingOnAzure());

/**
 * What a source adds: a region of an account the alarm of its forwarder, a subscription those of its topics. Rules, roles,
 * topics and the alarm on the Activity Log cost nothing; events are counted where they arrive.
 */
export const place = (cloud: Cloud): readonly Line[] =>
  cloud === 'aws'
    ? [line('the alarm of its forwarder', alarms.aws.place, 'alarm')]
    : [line('alarms on metrics of its topics', alarms.azure.subscription, 'metricAlarm')];

/** A forwarder stands in each region of an account; a subscription has no regions. */
const placesOf = (cloud: Cloud, { accounts, regions }: Load): number =>
  cloud === 'aws' ? accounts * regions : accounts;

export const sum = (lines: readonly { readonly dollars: number }[]): number =>
  lines.reduce((total, { dollars }) => total + dollars, 0);

/** A month in parts that add up to its total. */
export function month(cloud: Cloud, load: Load) {
  const { events, remediations } = load;
  const places = placesOf(cloud, load);
  const parts = [
    { what: 'standing', dollars: sum(standing(cloud)) },
    { what: `${events} events`, dollars: events * sum(event(cloud)) },
    { what: `${remediations} remediations`, dollars: remediations * sum(remediation(cloud)) },
    { what: `${places} sources`, dollars: places * sum(place(cloud)) },
  ];
  return { parts, dollars: sum(parts) };
}
