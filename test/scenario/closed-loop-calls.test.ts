import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { loadPlaybooks } from '../../functions/local/playbooks.ts';
import type { Json, JsonObject } from '../../shared/model/json.ts';
import type { Playbook } from '../../shared/model/playbook.ts';
import { playbookSet } from '../../shared/playbook/playbook-set.ts';
import { answer, openApprovals } from '../../shared/records/approvals.ts';
import { type Received, receive } from '../../shared/run/receive.ts';
import type { RecordedCall } from '../../shared/sandbox/record.ts';
import { production } from '../support/company.ts';
import { readEvent, withMembers } from '../support/events.ts';
import { carryOn, changing, keyId, type Road, road, stateOf, takenBack } from '../support/road.ts';

const files = await loadPlaybooks([fileURLToPath(new URL('../../playbooks', import.meta.url))]);
const shipped: readonly Playbook[] = files.flatMap(({ read }) => (read ? [read.playbook] : []));
const requester = { kind: 'event', id: 'queue' } as const;

const groupId = 'sg-0aa11bb22cc330013';
const bucketName = 'northwind-customer-exports';

type Loop = Road & { readonly runs: string[] };
const loop = (): Loop => ({ ...road(), runs: [] });

/** Delivers an event and lets what it starts run to its end; a second person agrees to whatever is asked. */
async function delivered(one: Loop, event: Json): Promise<readonly Received[]> {
  const before = one.runs.length;
  const starter = { start: async (runId: string) => void one.runs.push(runId) };
  const received = await receive({ ...one.deps, starter }, playbookSet(shipped), event, requester);
  for (const runId of one.runs.slice(before)) {
    await carryOn(one, runId);
    for (let open = await openApprovals(one.deps); open.length > 0; open = await openApprovals(one.deps)) {
      const yes = { verdict: 'approved', person: 'jonas', note: '', channel: 'cli' } as const;
      for (const { id, digest } of open) await answer(one.deps, id, digest, yes);
      await carryOn(one, runId);
    }
  }
  return received;
}

/** SSH and RDP over IPv6, which an older rule for a wide range opens as well: it gives way to narrower ones. */
const openedOverIpv6 = withMembers(readEvent('cloudtrail/open-ssh'), {
  'detail.eventID': 'ipv6',
  'detail.responseElements.securityGroupRuleSet.items': [22, 3389].map((port) => {
    return { groupId, isEgress: false, ipProtocol: 'tcp', fromPort: port, toPort: port, cidrIpv6: '::/0' };
  }),
});
const attacks: readonly JsonObject[] = [
  openedOverIpv6,
  ...['open-ssh', 'block-removed', 'key-for-other-user'].map((name) => readEvent(`cloudtrail/${name}`)),
];

const rule = (fromPort: number, toPort: number): Json => ({
  groupId,
  ipPermissions: {
    items: [{ ipProtocol: 'tcp', fromPort, toPort, ipRanges: {}, ipv6Ranges: { items: [{ cidrIpv6: '::/0' }] } }],
  },
});
const block = (on: boolean): Json => ({
  BlockPublicAcls: on,
  IgnorePublicAcls: on,
  BlockPublicPolicy: on,
  RestrictPublicBuckets: on,
});

/** What a call of ours asks for, as CloudTrail shows it: while it contains, and when it is taken back. */
const requests: Readonly<Record<string, { readonly contain: Json; readonly release: Json; readonly undo?: string }>> = {
  'ec2:RevokeSecurityGroupIngress': { contain: rule(22, 22), release: rule(20, 21) },
  'ec2:AuthorizeSecurityGroupIngress': { contain: rule(20, 21), release: rule(20, 8100) },
  's3:PutBucketPublicAccessBlock': {
    contain: { bucketName, PublicAccessBlockConfiguration: block(true) },
    release: { bucketName },
    undo: 'DeleteBucketPublicAccessBlock',
  },
  'iam:UpdateAccessKey': {
    contain: { userName: 'ci-deploy', accessKeyId: keyId, status: 'Inactive' },
    release: { userName: 'ci-deploy', accessKeyId: keyId, status: 'Active' },
  },
};

type Hands = (call: RecordedCall) => JsonObject;

const session = (arn: string, role: string, name: string): JsonObject => ({
  type: 'AssumedRole',
  principalId: `AROASOMEBODY00000001:${name}`,
  arn,
  accountId: production,
  sessionContext: { sessionIssuer: { type: 'Role', arn: `arn:aws:iam::${production}:role/security/${role}` } },
});
/** As the sandbox saw who called. */
const ours: Hands = ({ caller }) => {
  const [, role = '', name = ''] = caller.split(':').at(-1)?.split('/') ?? [];
  return session(caller, role, name);
};
/** An administrator, who may well call his session like ours. */
const administrators: Hands = ({ caller }) => {
  const name = caller.split('/').at(-1) ?? '';
  return session(`arn:aws:sts::${production}:assumed-role/admin/${name}`, 'admin', name);
};

/** The record that CloudTrail sends of a call, by whoever's hands. */
function recordOf(call: RecordedCall, hands: Hands, stage: 'contain' | 'release', number: number): JsonObject {
  const [service = '', operation = ''] = call.operation.split(':');
  const request = requests[call.operation];
  if (!request) throw new TypeError(`no request is known for ${call.operation}`);
  return withMembers(readEvent('cloudtrail/own-block'), {
    source: `aws.${service}`,
    region: call.region,
    time: call.at,
    'detail.eventID': `${stage}-${number}`,
    'detail.requestID': call.requestId,
    'detail.eventTime': call.at,
    'detail.eventSource': `${service}.amazonaws.com`,
    'detail.eventName': (stage === 'release' && request.undo) || operation,
    'detail.awsRegion': call.region,
    'detail.recipientAccountId': call.account,
    'detail.resources': [],
    'detail.userIdentity': hands(call),
    'detail.requestParameters': request[stage],
  });
}

const words = (received: readonly Received[]): string[] =>
  received.map((one) => (one.kind === 'skipped' ? one.reason : one.kind));

/** What the records of some calls came to, each with the operation. */
async function told(one: Loop, calls: readonly RecordedCall[], hands: Hands, stage: 'contain' | 'release') {
  const all = new Set<string>();
  for (const [number, call] of calls.entries())
    for (const word of words(await delivered(one, recordOf(call, hands, stage, number))))
      all.add(`${call.operation} ${word}`);
  return [...all].sort();
}

const everyOperation = Object.keys(requests).sort();
const opens = 'ec2:AuthorizeSecurityGroupIngress';

/** One call of each operation. */
const oneOfEach = (calls: readonly RecordedCall[]): readonly RecordedCall[] => [
  ...new Map(calls.map((call) => [call.operation, call])).values(),
];

const one = loop();
for (const event of attacks) await delivered(one, event);
const contained = changing(one);

describe('the records of our own calls', () => {
  test('start nothing while they contain', async () => {
    const states = await Promise.all(one.runs.map((runId) => stateOf(one, runId)));
    expect(states.map(({ result }) => result?.outcome)).toEqual(attacks.map(() => 'contained'));
    expect([...new Set(contained.map(({ operation }) => operation))].sort()).toEqual(everyOperation);
    expect(await told(one, contained, ours, 'contain')).toEqual(everyOperation.map((name) => `${name} own-change`));
    expect(changing(one)).toHaveLength(contained.length);
  });

  test('start nothing by other hands either, but for what opens something', async () => {
    const closing = oneOfEach(contained).filter(({ operation }) => operation !== opens);
    const said = await told(one, closing, administrators, 'contain');
    expect(said).toEqual(
      everyOperation.filter((operation) => operation !== opens).map((operation) => `${operation} no-playbook`),
    );
    expect(changing(one)).toHaveLength(contained.length);
  });

  test('start nothing when they are taken back, though they open', async () => {
    for (const runId of [...one.runs].reverse()) await takenBack(one, runId, { reactivateCredentials: true });
    const released = changing(one).slice(contained.length);
    const operations = new Set(released.map(({ operation }) => operation));
    expect([...operations]).toEqual(expect.arrayContaining([opens, 's3:PutBucketPublicAccessBlock']));
    const said = await told(one, released, ours, 'release');
    expect(said).toEqual([...operations].map((operation) => `${operation} own-change`).sort());
    expect(one.runs).toHaveLength(attacks.length);
    expect(changing(one)).toHaveLength(contained.length + released.length);
  });

  test('are answered by other hands where they open: a session that is called like ours excuses nobody', async () => {
    const opening = oneOfEach(contained).filter(({ operation }) =>
      [opens, 's3:PutBucketPublicAccessBlock'].includes(operation),
    );
    expect(await told(one, opening, administrators, 'release')).toEqual([
      `${opens} opened`,
      's3:PutBucketPublicAccessBlock opened',
    ]);
    expect(one.runs).toHaveLength(attacks.length + 2);
  });
});
