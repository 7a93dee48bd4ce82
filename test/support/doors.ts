import type { Context, SQSEvent } from 'aws-lambda';
import { makeKnown } from '../../functions/local/known.ts';
import type { Settings } from '../../shared/config/settings.ts';
import { CordonError } from '../../shared/model/error.ts';
import { canonical, type Json } from '../../shared/model/json.ts';
import type { Playbook } from '../../shared/model/playbook.ts';
import { readPlaybook } from '../../shared/playbook/parse.ts';
import type { Records } from '../../shared/ports/records.ts';
import type { RunDeps } from '../../shared/run/deps.ts';
import { engineOf } from '../../shared/run/engine.ts';
import type { ReceiveDeps } from '../../shared/run/receive.ts';
import type { Engine } from '../../shared/run/turn.ts';
import { type Company, company } from './company.ts';
import { findingIn, readEvent, withMembers } from './events.ts';

const playbookText = {
  'leaked-key': `
id: leaked-key
title: Turn a leaked access key off
on: { finding: { provider: [guardduty], type: [{ prefix: "UnauthorizedAccess:IAMUser/" }] } }
targets: { type: [aws.iam.access-key] }
mode: enforce
steps:
  - id: disable
    action: aws.iam.disable-access-key
    with: { userName: "\${target.userName}", accessKeyId: "\${target.accessKeyId}" }
`,
  'careful-key': `
id: careful-key
title: Ask before a key is turned off
on: { finding: { type: [nothing-starts-it] } }
targets: { type: [aws.iam.access-key] }
mode: enforce
steps:
  - id: disable
    action: aws.iam.disable-access-key
    with: { userName: "\${target.userName}", accessKeyId: "\${target.accessKeyId}" }
    approve: { by: [on-call], within: 30m }
`,
  'open-ssh': `
id: open-ssh
title: Close SSH where it is attacked
on: { finding: { provider: [defender], type: [{ wildcard: "*SshBruteForce*" }] } }
targets: { type: [azure.network.security-group] }
mode: enforce
steps:
  - id: close
    action: azure.network.close-nsg-port
    with: { networkSecurityGroupId: "\${target.id}", port: 22 }
`,
} as const;

/** A playbook out of its text; the test fails where it cannot be read. */
export function playbookOf(text: string): Playbook {
  const { read, problems } = readPlaybook(text, 'inline.yaml');
  if (!read) throw new TypeError(problems.map((problem) => problem.describe()).join('\n'));
  return read.playbook;
}

export const playbooks: readonly Playbook[] = Object.values(playbookText).map(playbookOf);

export const leakedKey = (): Json => readEvent('guardduty/leaked-access-key');
export const bruteForce = (): Json => readEvent('defender/vm-brute-force-export');

/** Another finding about the same key: what makes it another is its id. */
export const leakedKeyAgain = (number: number): Json => {
  const id = `b${String(number).padStart(31, '0')}`;
  const arn = `arn:aws:guardduty:eu-west-1:111122223333:detector/3cb0f1a2d4e5968778695a4b3c2d1e0f/finding/${id}`;
  return withMembers(readEvent('guardduty/leaked-access-key'), { 'detail.id': id, 'detail.arn': arn });
};

/** The company behind its doors: playbooks, and a starter that only remembers. */
export type Doors = Omit<Company, 'deps' | 'engine'> & {
  readonly deps: RunDeps & ReceiveDeps & { readonly playbooks: readonly Playbook[] };
  readonly engine: Engine;
  /** Runs that were started, in order, as often as they were. */
  readonly started: string[];
  /** Makes the provider know what an event says, so that it confirms the finding. */
  known(event: Json): void;
};

export function doors(changed: Partial<Settings> = {}): Doors {
  const { deps, clouds, sandbox, ...rest } = company(changed);
  const started: string[] = [];
  const starter = {
    start: async (runId: string) => {
      started.push(runId);
    },
  };
  return {
    ...rest,
    clouds,
    sandbox,
    started,
    deps: { ...deps, starter, playbooks },
    engine: engineOf(deps),
    known: (event) => makeKnown(sandbox, findingIn(event), event),
  };
}

/** A store that fails every write which mentions a text. */
export const failingOn = (records: Records, text: string): Records => ({
  ...records,
  create: async (draft) => {
    if (canonical(draft.body).includes(text))
      throw new CordonError({ code: 'store-down', message: 'the store does not answer', retryable: true });
    return records.create(draft);
  },
});

/** What Lambda hands over from a queue. */
export const sqsEvent = (bodies: readonly string[]): SQSEvent => ({
  Records: bodies.map((body, at) => ({
    messageId: `message-${at}`,
    receiptHandle: `handle-${at}`,
    body,
    attributes: {
      ApproximateReceiveCount: '1',
      SentTimestamp: '1795165500000',
      SenderId: 'AIDAEVENTBRIDGE',
      ApproximateFirstReceiveTimestamp: '1795165500001',
    },
    messageAttributes: {},
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:eu-west-1:999988887777:cordon-events',
    awsRegion: 'eu-west-1',
  })),
});

/** What Lambda says of an invocation. */
export const lambdaContext = (remainingMilliseconds = 300_000): Context => ({
  callbackWaitsForEmptyEventLoop: true,
  functionName: 'cordon',
  functionVersion: '$LATEST',
  invokedFunctionArn: 'arn:aws:lambda:eu-west-1:999988887777:function:cordon',
  memoryLimitInMB: '512',
  awsRequestId: '0f0e0d0c-0b0a-4000-8000-000000000001',
  logGroupName: '/aws/lambda/cordon',
  logStreamName: '2026/11/20/[$LATEST]1',
  getRemainingTimeInMillis: () => remainingMilliseconds,
  done: () => undefined,
  fail: () => undefined,
  succeed: () => undefined,
});
