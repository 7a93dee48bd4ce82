import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { type Action, actionsOf } from '../../shared/action/action.ts';
import type { Catalogue } from '../../shared/action/catalogue.ts';
import { providers, severities } from '../../shared/model/finding.ts';
import type { Json } from '../../shared/model/json.ts';
import { Playbook } from '../../shared/model/playbook.ts';
import { ownChangeWarnings } from '../../shared/playbook/check-own-change.ts';
import { triggerWarnings } from '../../shared/playbook/check-trigger.ts';

const playbookOn = (on: Json, more: Readonly<Record<string, Json>> = {}): Playbook =>
  Playbook.parse({ id: 'a', title: 'A', on, steps: [{ id: 'block', action: 'aws.toy.block' }], ...more });

const warned = (finding: Json): string[] =>
  triggerWarnings(playbookOn({ finding })).map(({ path, message }) => `${path}: ${message}`);

describe('a trigger that can never match is told', () => {
  test.each<[Json, string]>([
    [{ severity: ['Hgh'] }, "on.finding.severity: finding.severity is never 'Hgh', which is one of Unknown,"],
    [{ severity: ['high'] }, "finding.severity is never 'high'"],
    [{ severity: [7] }, 'finding.severity is never 7'],
    [{ cloud: ['gcp'] }, "finding.cloud is never 'gcp', which is one of aws, azure"],
    [{ status: [{ prefix: 'open' }] }, "finding.status is never something beginning with 'open'"],
    [{ provider: ['GuardDuty'] }, "finding.provider is never 'GuardDuty'"],
    [{ sample: ['true'] }, "finding.sample is never 'true', which is one of true, false"],
    [{ account: [{ exists: false }] }, 'finding.account is never no value at all'],
    [{ severty: ['High'] }, 'on.finding.severty: There is no field finding.severty'],
    [{ resources: { kinds: ['x'] } }, 'There is no field finding.resources.kinds'],
    [{ actor: { typ: ['root'] } }, 'There is no field finding.actor.typ'],
    [{ actor: [{ exists: true }] }, 'There is no field finding.actor with a value of its own'],
    [{ resources: { type: ['aws.s3.buckett'] } }, "finding.resources.type is never 'aws.s3.buckett'"],
  ])('%j', (finding, message) => {
    const found = warned(finding);
    expect(found).toContain('on: The pattern can match no event');
    expect(found.join('\n')).toContain(message);
  });

  test('one value that cannot occur is told beside those that can', () => {
    const found = warned({ severity: ['High', 'Critcal'] });
    expect(found).toEqual([expect.stringContaining("finding.severity is never 'Critcal'")]);
  });

  test('one alternative that can hold is enough', () => {
    const found = triggerWarnings(
      playbookOn({ $or: [{ finding: { cloud: ['gcp'] } }, { finding: { cloud: ['aws'] } }] }),
    );
    expect(found.map(({ message }) => message)).toEqual(["finding.cloud is never 'gcp', which is one of aws, azure"]);
  });
});

describe('a trigger that matches everything is told', () => {
  test.each<[Json]>([
    [{ cloud: ['aws', 'azure'] }],
    [{ severity: [...severities] }],
    [{ provider: [...providers] }],
    [{ id: [{ exists: true }] }],
    [{ status: [{ 'anything-but': 'nothing of the kind' }] }],
    [{ sample: [true, false] }],
    [{ lastSeenAt: [{ exists: true }, { exists: false }] }],
  ])('%j', (finding) => {
    expect(warned(finding)).toContain('on: The pattern matches every event');
  });
});

test.each<[Json]>([
  [{ type: ['T'] }],
  [{ severity: ['High', 'Critical'], status: ['new', 'updated'] }],
  [{ cloud: [{ 'anything-but': 'aws' }] }],
  [{ lastSeenAt: [{ exists: true }] }],
  [{ actor: { type: ['root'], addresses: [{ cidr: '10.0.0.0/8' }] } }],
  [{ resources: { type: ['aws.s3.bucket'], tags: { 'any.key': ['x'] } } }],
  [{ link: { anything: ['x'] } }],
  [{ severityOriginal: [{ numeric: ['>=', 7] }] }],
])('an ordinary trigger is not warned of: %j', (finding) => {
  expect(warned(finding)).toEqual([]);
  expect(triggerWarnings(playbookOn({ event: { anything: { at: { all: ['x'] } } } }))).toEqual([]);
});

function toy(cloud: 'aws' | 'azure', ...write: readonly string[]): Action {
  const make = actionsOf<object>({ cloud, names: [], fault: (thrown) => thrown, enter: () => ({}) });
  return make({
    id: 'aws.toy.block',
    title: 'Block',
    target: 'other',
    d3fend: 'D3-CR',
    input: z.strictObject({}),
    value: z.string(),
    permissions: { read: [], write: write.map((allow) => ({ allow, on: '*' })) },
    settles: { seconds: 0 },
    examples: [{}],
  }).does({ capture: async () => ({}), plan: () => ({}), apply: async () => {} });
}

const entry = (action: Action): Catalogue[string] => ({ hash: 'h', d3fend: action.d3fend, load: async () => action });
const catalogueOf = (action: Action): Catalogue => ({
  'aws.toy.block': entry(action),
  'aws.toy.other': entry(toy('aws', 's3:PutBucketAcl')),
});
const publicAccessBlock = toy('aws', 's3:PutBucketPublicAccessBlock');

const echoed = (on: Json, action = publicAccessBlock, more: Readonly<Record<string, Json>> = {}) =>
  ownChangeWarnings(playbookOn(on, more), catalogueOf(action));

describe('a playbook whose own calls start it again is told', () => {
  const call = 's3.amazonaws.com/PutBucketPublicAccessBlock';

  test('with the call, the step and the remedy', async () => {
    expect(await echoed({ finding: { provider: ['cloudtrail'], type: [call] } })).toEqual([
      {
        path: 'steps.0',
        message: `the trigger matches ${call}, which step block makes itself, and looks at nothing that the call leaves behind`,
        remedy: expect.stringMatching(/^Cordon knows its own changes.*event\.detail\.requestParameters/),
      },
    ]);
  });

  test.each<[Json]>([
    [{ finding: { cloud: ['aws'] } }],
    [{ finding: { type: [{ prefix: 's3.amazonaws.com/' }], call: { succeeded: [true] } } }],
    [{ finding: { provider: ['cloudtrail'] }, event: { detail: { eventName: ['PutBucketPublicAccessBlock'] } } }],
    [{ finding: { type: [call], actor: { type: [{ 'anything-but': 'aws-service' }] } } }],
    [{ finding: { type: [call], resources: { type: ['aws.s3.bucket'], role: ['affected'] } } }],
    [{ event: { detail: { errorCode: [{ exists: false }], eventSource: ['s3.amazonaws.com'] } } }],
    [{ $or: [{ finding: { type: ['other'] } }, { finding: { type: [call] } }] }],
  ])('for %j', async (on) => {
    expect(await echoed(on)).toHaveLength(1);
  });

  test.each<[string, Json]>([
    ['another provider', { finding: { provider: ['guardduty'] } }],
    ['another call', { finding: { type: ['s3.amazonaws.com/DeleteBucketPublicAccessBlock'] } }],
    ['another service', { event: { detail: { eventSource: ['iam.amazonaws.com'] } } }],
    ['calls that failed', { finding: { type: [call], call: { succeeded: [false] } } }],
    ['another kind of caller', { finding: { type: [call], actor: { type: ['iam-user', 'root'] } } }],
    ['graver findings', { finding: { severity: ['High'] } }],
    [
      'what the call asks for',
      { finding: { type: [call] }, event: { detail: { requestParameters: { RestrictPublicBuckets: [false] } } } },
    ],
    ['the resource', { finding: { type: [call], resources: { openings: { port: [22] } } } }],
  ])('but not where it asks for %s', async (_, on) => {
    expect(await echoed(on)).toEqual([]);
  });

  test('nor where its targets look at the state', async () => {
    const on = { finding: { type: [call] } };
    expect(await echoed(on, publicAccessBlock, { targets: { openings: { port: [{ exists: true }] } } })).toEqual([]);
    expect(await echoed(on, publicAccessBlock, { targets: { type: ['aws.s3.bucket'] } })).toHaveLength(1);
  });

  test.each<[string, Json, number]>([
    ['a condition on what was read of the target', { when: { target: { publicPolicy: [true] } } }, 0],
    ['a list of what is open on the target', { forEach: '${target.openings}' }, 0],
    ['findings of another provider', { when: { finding: { provider: ['guardduty'] } } }, 0],
    ['a condition on the name of the target', { when: { target: { name: ['x'] } } }, 1],
    ['a list of the addresses of the actor', { forEach: '${finding.actor.addresses}' }, 1],
  ])('a step with %s', async (_, more, warnings) => {
    const steps: Json = [{ id: 'block', action: 'aws.toy.block', ...(more as object) }];
    expect(await echoed({ finding: { type: [call] } }, publicAccessBlock, { steps })).toHaveLength(warnings);
  });

  test('for an operation of Azure, in its own spelling', async () => {
    const operation = 'Microsoft.Network/networkSecurityGroups/securityRules/write';
    const action = toy('azure', operation, 'graph:User.RevokeSessions.All', 'data:Microsoft.Storage/blobs/write');
    const [warning] = await echoed({ finding: { provider: ['activity-log'], type: [operation] } }, action);
    expect(warning?.message).toContain(operation);
    expect(await echoed({ finding: { cloud: ['azure'] } }, action)).toHaveLength(1);
    const withData = { finding: { type: [operation] }, event: { data: { access: ['Allow'] } } };
    expect(await echoed(withData, action)).toEqual([]);
    expect(await echoed({ finding: { type: [{ prefix: 'data:' }] } }, action)).toEqual([]);
  });

  test.each([
    ['cloudwatch:PutMetricAlarm', 'monitoring.amazonaws.com/PutMetricAlarm', true],
    ['sso:PutInlinePolicyToPermissionSet', 'sso.amazonaws.com/PutInlinePolicyToPermissionSet', true],
    ['s3:PutEncryptionConfiguration', 's3.amazonaws.com/PutBucketEncryption', true],
    ['iam:PassRole', 'iam.amazonaws.com/PassRole', false],
  ])('%s comes back as %s: %s', async (allow, type, back) => {
    expect(await echoed({ finding: { type: [type] } }, toy('aws', allow))).toHaveLength(back ? 1 : 0);
  });
});
