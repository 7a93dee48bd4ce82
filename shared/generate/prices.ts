/** What something costs, in US dollars, and where that was read. */
export type Price = {
  readonly dollars: number;
  readonly per: string;
  readonly source: string;
  /** When it was looked up; `from memory` where it was not, and somebody has to before relying on it. */
  readonly read: string;
};

const aws = (page: string): string => `https://aws.amazon.com/${page}/pricing/`;
const azure = (page: string): string => `https://azure.microsoft.com/pricing/details/${page}/`;
const unread = 'from memory';
const million = 1_000_000;

/** List prices without free grants: AWS in eu-west-1 or us-east-1 where they agree, Azure in West Europe. */
export const prices = {
  lambdaRequest: { dollars: 0.2 / million, per: 'request', source: aws('lambda'), read: unread },
  lambdaGbSecond: { dollars: 13.3334 / million, per: 'GB-second, arm64', source: aws('lambda'), read: unread },
  durableOperation: { dollars: 8 / million, per: 'durable operation', source: aws('lambda'), read: '2026-09-20' },
  sqsRequest: { dollars: 0.4 / million, per: 'request of 64 KB', source: aws('sqs'), read: unread },
  dynamoWrite: { dollars: 0.705 / million, per: 'write request unit', source: aws('dynamodb'), read: unread },
  dynamoRead: { dollars: 0.141 / million, per: 'read request unit', source: aws('dynamodb'), read: unread },
  dynamoGbMonth: { dollars: 0.283, per: 'GB and month', source: aws('dynamodb'), read: unread },
  s3Put: { dollars: 5.4 / million, per: 'PUT', source: aws('s3'), read: unread },
  s3Get: { dollars: 0.43 / million, per: 'GET', source: aws('s3'), read: unread },
  s3GbMonth: { dollars: 0.024, per: 'GB and month', source: aws('s3'), read: unread },
  busEvent: { dollars: 1 / million, per: 'event put on a bus', source: aws('eventbridge'), read: unread },
  logGb: { dollars: 0.57, per: 'GB of logs', source: aws('cloudwatch'), read: unread },
  alarm: { dollars: 0.1, per: 'alarm and month', source: aws('cloudwatch'), read: unread },
  customMetric: { dollars: 0.3, per: 'series and month', source: aws('cloudwatch'), read: unread },
  functionRun: { dollars: 0.4 / million, per: 'execution on Flex', source: azure('functions'), read: unread },
  functionGbSecond: { dollars: 26 / million, per: 'GB-second on Flex', source: azure('functions'), read: unread },
  hubUnitHour: { dollars: 0.03, per: 'throughput unit and hour', source: azure('event-hubs'), read: unread },
  hubEvent: { dollars: 0.028 / million, per: 'event of 64 KB', source: azure('event-hubs'), read: unread },
  gridOperation: { dollars: 0.6 / million, per: 'operation', source: azure('event-grid'), read: unread },
  tableOperation: { dollars: 0.036 / million, per: 'operation', source: azure('storage/tables'), read: unread },
  tableGbMonth: { dollars: 0.054, per: 'GB and month', source: azure('storage/tables'), read: unread },
  queueOperation: { dollars: 0.4 / million, per: 'operation', source: azure('storage/queues'), read: unread },
  blobPut: { dollars: 5.4 / million, per: 'write', source: azure('storage/blobs'), read: unread },
  blobGet: { dollars: 0.43 / million, per: 'read', source: azure('storage/blobs'), read: unread },
  blobGbMonth: { dollars: 0.0196, per: 'GB and month', source: azure('storage/blobs'), read: unread },
  queryAlarm: { dollars: 1.5, per: 'log search alert at 5 minutes and month', source: azure('monitor'), read: unread },
  metricAlarm: { dollars: 0.1, per: 'metric of an alert and month', source: azure('monitor'), read: unread },
  appInsightsGb: { dollars: 2.76, per: 'GB of logs', source: azure('monitor'), read: unread },
} as const satisfies Readonly<Record<string, Price>>;
export type PriceName = keyof typeof prices;
