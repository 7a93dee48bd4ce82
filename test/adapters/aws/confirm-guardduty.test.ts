import { describe, expect, test } from 'vitest';
import type { Finding } from '../../../shared/model/finding.ts';
import { type Json, type JsonObject, own } from '../../../shared/model/json.ts';
import { addFinding } from '../../../shared/sandbox/aws/guardduty-rows.ts';
import { company, development, production } from '../../support/company.ts';
import { eventNames, findingIn, primaryOf, readEvent, withMembers } from '../../support/events.ts';

const { signal } = new AbortController();
const detailOf = (event: JsonObject): JsonObject => own(event, 'detail') as JsonObject; // a fixture of GuardDuty has one

/** What Cordon is told of `finding` where GuardDuty keeps `kept`. */
async function confirm(finding: Finding, kept: readonly JsonObject[]) {
  const { clouds, sandbox } = company();
  for (const event of kept) addFinding(sandbox.rows, detailOf(event));
  const place = { cloud: 'aws', account: finding.account, region: finding.region, rights: 'reader' } as const;
  const session = await clouds.session({ ...place, runId: 'confirm', signal });
  return clouds.confirm(session, finding, primaryOf(finding));
}

const leaked = readEvent('guardduty/leaked-access-key');
const stolen = readEvent('guardduty/instance-credential-exfiltration-outside');
const bucket = readEvent('guardduty/public-bucket');
const object = readEvent('guardduty/s3-object');
const workload = readEvent('guardduty/eks-workload');
const task = readEvent('guardduty/ecs-task');
const database = readEvent('guardduty/rds-login');
const resize = readEvent('guardduty/lambda');
const container = readEvent('guardduty/container');
const volumes = readEvent('guardduty/ebs-volumes');
const keys = readEvent('guardduty/attack-sequence-credentials');
const cluster = readEvent('guardduty/attack-sequence-eks');
const accounts = [production, development];
const inSequence = 'detail.service.detection.sequence';

describe('a finding read again at GuardDuty', () => {
  const names = eventNames.filter((name) => name.startsWith('guardduty/'));
  const ours = names.filter((name) => accounts.includes(String(own(detailOf(readEvent(name)), 'accountId'))));

  test.each(ours)('is the same for what was sent of it: %s', async (name) => {
    const event = readEvent(name);
    expect(await confirm(findingIn(event), [event])).toBe('same');
  });

  test('is the same over its updates', async () => {
    const later = withMembers(leaked, { 'detail.service.count': 9, 'detail.updatedAt': '2026-11-20T12:00:00.000Z' });
    expect(await confirm(findingIn(leaked), [later])).toBe('same');
  });

  test('is unknown where GuardDuty has no such finding', async () => {
    expect(await confirm(findingIn(leaked), [])).toBe('unknown');
    expect(await confirm(findingIn(leaked), [stolen, bucket])).toBe('unknown');
  });

  test('is unknown where there is no such detector', async () => {
    const arn = `arn:aws:guardduty:eu-west-1:${production}:detector/none/finding/a1c9f0e2b7d84d3693c5e6f708192a01`;
    expect(await confirm(findingIn(withMembers(leaked, { 'detail.arn': arn })), [leaked])).toBe('unknown');
  });

  test('is unknown where the detector is in an account that is not ours', async () => {
    const arn = 'arn:aws:guardduty:eu-west-1:777766665555:detector/aa/finding/a1c9f0e2b7d84d3693c5e6f708192a01';
    expect(await confirm(findingIn(withMembers(leaked, { 'detail.arn': arn })), [leaked])).toBe('unknown');
  });

  test('is read in the account and region of its detector', async () => {
    const arn = `arn:aws:guardduty:us-east-1:${production}:detector/5eb2f3c4d6e7a89900a1b2c3d4e5f607/finding/a1c9f0e2b7d84d3693c5e6f708192a01`;
    const dev = withMembers(leaked, { 'detail.arn': arn, 'detail.accountId': development });
    expect(await confirm(findingIn(dev), [dev])).toBe('same');
  });
});

describe('an event that was tampered with is different', () => {
  const kept: Readonly<Record<string, JsonObject>> = {
    ...{ leaked, stolen, bucket, object, workload, task, database, resize, container, volumes, keys, cluster },
  };
  test.each<[string, keyof typeof kept, string, Json]>([
    ['another type', 'leaked', 'detail.type', 'Backdoor:EC2/C&CActivity.B'],
    ['another account', 'leaked', 'detail.accountId', development],
    ['another region', 'leaked', 'detail.region', 'us-east-1'],
    ['another user', 'leaked', 'detail.resource.accessKeyDetails.userName', 'break-glass'],
    ['another key', 'leaked', 'detail.resource.accessKeyDetails.accessKeyId', 'AKIABREAKGLASS000001'],
    ['another role behind the session', 'stolen', 'detail.resource.accessKeyDetails.userName', 'CordonWriter'],
    [
      'another session',
      'stolen',
      'detail.resource.accessKeyDetails.principalId',
      'AROAWEBSERVER00000001:i-0bb22cc33dd44ee55',
    ],
    ['another instance', 'stolen', 'detail.resource.instanceDetails.instanceId', 'i-0bb22cc33dd44ee55'],
    ['another bucket', 'bucket', 'detail.resource.s3BucketDetails.0.name', 'northwind-website'],
    ['another key', 'object', 'detail.resource.s3BucketDetails.0.s3ObjectDetails.0.key', 'price-list.xlsx'],
    ['another version', 'object', 'detail.resource.s3BucketDetails.0.s3ObjectDetails.0.versionId', 'clean'],
    ['other content', 'object', 'detail.resource.s3BucketDetails.0.s3ObjectDetails.0.eTag', 'c1ea9'],
    [
      'another cluster',
      'workload',
      'detail.resource.eksClusterDetails.arn',
      `arn:aws:eks:eu-west-1:${production}:cluster/b`,
    ],
    ['another workload', 'workload', 'detail.resource.kubernetesDetails.kubernetesWorkloadDetails.name', 'payments'],
    [
      'another namespace',
      'workload',
      'detail.resource.kubernetesDetails.kubernetesWorkloadDetails.namespace',
      'kube-system',
    ],
    ['another node beside', 'workload', 'detail.resource.instanceDetails.instanceId', 'i-0bb22cc33dd44ee55'],
    [
      'another task',
      'task',
      'detail.resource.ecsClusterDetails.taskDetails.arn',
      `arn:aws:ecs:eu-west-1:${production}:task/batch/1`,
    ],
    [
      'another database',
      'database',
      'detail.resource.rdsDbInstanceDetails.dbInstanceArn',
      `arn:aws:rds:eu-west-1:${production}:db:x`,
    ],
    ['another login', 'database', 'detail.resource.rdsDbUserDetails.user', 'admin'],
    [
      'another function',
      'resize',
      'detail.resource.lambdaDetails.functionArn',
      `arn:aws:lambda:eu-west-1:${production}:function:pay`,
    ],
    [
      'another region of the function',
      'resize',
      'detail.resource.lambdaDetails.functionArn',
      `arn:aws:lambda:us-east-1:${production}:function:resize-images`,
    ],
    [
      'another role of the function',
      'resize',
      'detail.resource.lambdaDetails.role',
      `arn:aws:iam::${production}:role/CordonWriter`,
    ],
    ['another container', 'container', 'detail.resource.containerDetails.id', 'c0ffee'],
    [
      'another volume',
      'volumes',
      'detail.resource.ebsVolumeDetails.scannedVolumeDetails.0.volumeArn',
      `arn:aws:ec2:eu-west-1:${production}:volume/vol-0aa11bb22cc33dd01`,
    ],
    ['another key in a sequence', 'keys', `${inSequence}.resources.0.uid`, 'AKIABREAKGLASS000001'],
    ['another user in a sequence', 'keys', `${inSequence}.resources.0.data.accessKey.userName`, 'break-glass'],
    ['another actor of a sequence', 'keys', `${inSequence}.actors.0.user.name`, 'break-glass'],
    ['another bucket in a sequence', 'keys', `${inSequence}.resources.1.uid`, 'arn:aws:s3:::northwind-website'],
    ['another object in a sequence', 'keys', `${inSequence}.resources.2.data.s3Object.key`, '2026/other.csv'],
    ['another workload in a sequence', 'cluster', `${inSequence}.resources.1.name`, 'payments'],
    [
      'another session of a sequence',
      'cluster',
      `${inSequence}.actors.0.user.uid`,
      'AROAWEBSERVER00000001:i-0bb22cc33dd44ee55',
    ],
  ])('%s', async (_, name, path, value) => {
    const event = kept[name] ?? {};
    expect(await confirm(findingIn(withMembers(event, { [path]: value })), [event])).toBe('different');
  });
});
