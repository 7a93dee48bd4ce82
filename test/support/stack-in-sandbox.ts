import { resourcePolicies, roles } from '../../shared/sandbox/aws/iam-rows.ts';
import { buckets } from '../../shared/sandbox/aws/s3-rows.ts';
import { parameters } from '../../shared/sandbox/aws/ssm-parameters.ts';
import { issueSession } from '../../shared/sandbox/aws/sts-session.ts';
import type { Sandbox } from '../../shared/sandbox/sandbox.ts';
import type { Resource, Stack } from './cloud-formation.ts';
import { allStatements, home } from './stack-rights.ts';

const region = 'eu-west-1';
const year = 31_536_000;
const nameOf = ({ arn = '' }: Resource): string => arn.split(/[:/]/).at(-1) ?? '';
const ofType = (stack: Stack, type: string): readonly Resource[] =>
  Object.values(stack).filter(({ Type }) => Type === type);

function putRole({ rows }: Sandbox, role: Resource): void {
  const name = nameOf(role);
  const inline = { rights: JSON.stringify({ Version: '2012-10-17', Statement: allStatements(role) }) };
  const trust = JSON.stringify(role.Properties['AssumeRolePolicyDocument']);
  const arn = role.arn ?? '';
  const row = { account: home, name, path: '/', roleId: `AROA${name.toUpperCase()}`, arn, trust, tags: {}, inline };
  rows.put(roles, `${home}/${name}`, { ...row, attached: [] });
}

function putBucket({ rows, clock }: Sandbox, bucket: Resource): void {
  const { arn = '' } = bucket;
  const acl = { ownership: 'BucketOwnerEnforced', acl: 'private', versioning: 'Enabled' } as const;
  rows.put(buckets, nameOf(bucket), {
    ...{ name: nameOf(bucket), arn, account: home, region, createdAt: clock.now() },
    ...acl,
  });
}

/** Members let the whole home in: which of its roles comes in is then said by their own policies. */
function openMembers({ rows }: Sandbox): void {
  for (const [key, role] of rows.all(roles))
    if (role.name === 'CordonReader' || role.name === 'CordonWriter')
      rows.put(roles, key, { ...role, trust: role.trust.replaceAll(':user/cordon-home', ':root') });
}

/** A secret as Secrets Manager makes it for the stack: 44 letters and digits, read through Parameter Store. */
export const secretValue = 'a1'.repeat(22);

/** Makes in the simulated AWS what the stack makes there: roles with their policies, buckets with theirs, secrets. */
export function placeStack(sandbox: Sandbox, stack: Stack): void {
  const { rows } = sandbox;
  for (const role of ofType(stack, 'AWS::IAM::Role')) putRole(sandbox, role);
  for (const bucket of ofType(stack, 'AWS::S3::Bucket')) putBucket(sandbox, bucket);
  for (const { Properties } of ofType(stack, 'AWS::S3::BucketPolicy'))
    rows.put(resourcePolicies, `arn:aws:s3:::${Properties['Bucket']}`, {
      account: home,
      document: JSON.stringify(Properties['PolicyDocument']),
    });
  for (const { Properties } of ofType(stack, 'AWS::SecretsManager::Secret'))
    rows.put(parameters, `arn:aws:ssm:${region}:${home}:parameter/aws/reference/secretsmanager/${Properties['Name']}`, {
      value: secretValue,
      secure: true,
    });
  openMembers(sandbox);
}

/** What Lambda gives a function to sign with: a session of the role that the stack names for it. */
export function credentialsOf(sandbox: Sandbox, made: Resource) {
  const name = String(made.Properties['Role']).split('/').at(-1) ?? '';
  const role = sandbox.rows.get(roles, `${home}/${name}`);
  if (!role) throw new TypeError(`the stack has no role ${name}`);
  const { Credentials } = issueSession({ world: sandbox, partition: 'aws' }, { role, name: 'function', seconds: year });
  return {
    AWS_ACCESS_KEY_ID: Credentials.AccessKeyId,
    AWS_SECRET_ACCESS_KEY: Credentials.SecretAccessKey,
    AWS_SESSION_TOKEN: Credentials.SessionToken,
  };
}
