import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { messageOf } from '../../../shared/model/error.ts';
import { isObject, type JsonObject, own } from '../../../shared/model/json.ts';
import { addFinding } from '../../../shared/sandbox/aws/guardduty-rows.ts';
import type { Sandbox } from '../../../shared/sandbox/sandbox.ts';
import { company, identities, security } from '../../support/company.ts';
import { readEvent } from '../../support/events.ts';

const run = promisify(execFile);

type Credentials = {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly region: string;
};

/** A command line, who gives it, and what its answer must name. */
type Command = { readonly line: string; readonly as: Credentials; readonly shows: readonly string[] };

/** What a command came to; `problem` where it was not as it must be. */
export type Answered = { readonly line: string; readonly problem?: string };

const admin: Credentials = {
  accessKeyId: 'AKIABREAKGLASS000001',
  secretAccessKey: 'break-glass-secret',
  region: 'eu-west-1',
};
const host: Credentials = {
  accessKeyId: 'ASIAWEBSERVER0000001',
  secretAccessKey: 'web-server-secret',
  sessionToken: 'web-server-token',
  region: 'eu-west-1',
};
const detector = '3cb0f1a2d4e5968778695a4b3c2d1e0f';
const snapshot = 'snap-0aa11bb22cc33d501';
const denied = '--rule-action deny --cidr-block 203.0.113.7/32';
const finding = 'a1c9f0e2b7d84d3693c5e6f708192a01';

/** Command lines, each with what its output must name; the code of an error stands in brackets, nothing means silence. */
type Lines = readonly (readonly [line: string, ...shows: string[]])[];

const reads: Lines = [
  ['sts get-caller-identity', 'arn:aws:iam::111122223333:user/break-glass'],
  ['iam list-access-keys --user-name ci-deploy', 'AKIACIDEPLOY00000001', 'Active'],
  ['iam get-role --role-name web-server', 'AROAWEBSERVER00000001', 'ec2.amazonaws.com'],
  ['iam get-user-policy --user-name ci-deploy --policy-name deploy', 'ec2:Describe*'],
  ['ec2 describe-instances --instance-ids i-0aa11bb22cc33dd44', 'eni-0aa11bb22cc33d002', 'vol-0aa11bb22cc33d001'],
  ['ec2 describe-instances --filters Name=tag:Name,Values=checkout-*', 'i-0bb22cc33dd44ee55', 'i-0cc33dd44ee55ff66'],
  ['ec2 describe-security-groups --group-ids sg-0aa11bb22cc330013', 'web-management', '192.0.2.0/24'],
  ['ec2 describe-security-group-rules --max-items 3', 'sgr-0', 'NextToken'],
  ['ec2 describe-network-interfaces --network-interface-ids eni-0aa11bb22cc33d001', 'i-0aa11bb22cc33dd44'],
  ['s3api list-buckets', 'northwind-customer-exports', 'northwind-website'],
  ['s3api get-public-access-block --bucket northwind-website', '"BlockPublicAcls": true'],
  ['s3api get-bucket-policy --bucket northwind-website', 'arn:aws:s3:::northwind-website/*'],
  ['s3api list-objects-v2 --bucket northwind-website', 'index.html'],
  ['autoscaling describe-auto-scaling-instances', 'i-0bb22cc33dd44ee55', 'checkout'],
  [`guardduty get-findings --detector-id ${detector} --finding-ids ${finding}`, finding, 'AKIACIDEPLOY00000001'],
  ['ec2 describe-network-acls --network-acl-ids acl-0aa11bb22cc33dd00', 'subnet-0aa11bb22cc330002', '32767'],
  ['ec2 describe-iam-instance-profile-associations', 'instance-profile/web-server', 'iip-assoc-0', 'associated'],
  [`ec2 describe-snapshot-attribute --attribute createVolumePermission --snapshot-id ${snapshot}`, '"Group": "all"'],
  ['ec2 describe-image-attribute --attribute launchPermission --image-id ami-0aa11bb22cc33d601', '777788889999'],
  ['iam get-login-profile --user-name svc-backup', 'svc-backup', 'CreateDate'],
  ['lambda get-function-concurrency --function-name invoices', '"ReservedConcurrentExecutions": 20'],
  ['lambda list-provisioned-concurrency-configs --function-name resize-images', 'resize-images:live', 'READY'],
  ['lambda list-function-url-configs --function-name invoices', 'nw4k7qinvoices', '"AuthType": "NONE"'],
  ['lambda get-policy --function-name resize-images', 'user/ci-deploy', 'northwind-uploads'],
  ['rds describe-db-instances --filters Name=db-cluster-id,Values=orders', 'orders-2', '"PubliclyAccessible": true'],
  ['rds describe-db-snapshot-attributes --db-snapshot-identifier reports-2026-11', 'restore', 'all'],
  ['cloudtrail get-trail-status --name northwind-audit', '"IsLogging": true', 'StartLoggingTime'],
  ['cloudtrail get-event-selectors --trail-name northwind-audit', '"IncludeManagementEvents": true'],
  ['configservice describe-configuration-recorder-status', '"recording": true'],
  ['configservice describe-delivery-channels', 'northwind-config'],
  [`guardduty get-detector --detector-id ${detector}`, '"Status": "ENABLED"', 'S3_DATA_EVENTS'],
  ['eks describe-cluster --name shop', 'gr7.eu-west-1.eks.amazonaws.com', '"status": "ACTIVE"'],
];

const writes: Lines = [
  ['iam attach-user-policy --user-name ci-deploy --policy-arn arn:aws:iam::111122223333:policy/CordonQuarantine'],
  [
    'ec2 create-security-group --group-name probe --description probe --vpc-id vpc-0aa11bb22cc33dd00',
    '"GroupId": "sg-',
  ],
  [
    'ec2 authorize-security-group-ingress --group-id sg-0aa11bb22cc330012 --protocol tcp --port 8443 --cidr 192.0.2.0/24',
    'sgr-0',
    '"Return": true',
  ],
  ['s3api put-public-access-block --bucket northwind-website --public-access-block-configuration BlockPublicAcls=true'],
  [
    `ec2 create-network-acl-entry --network-acl-id acl-0aa11bb22cc33dd00 --rule-number 7 --egress --protocol -1 ${denied}`,
  ],
  [`ec2 modify-snapshot-attribute --snapshot-id ${snapshot} --operation-type remove --group-names all`],
  ['lambda put-function-concurrency --function-name checkout --reserved-concurrent-executions 0', 'Executions": 0'],
  ['rds modify-db-instance --db-instance-identifier reports --no-publicly-accessible', '"PubliclyAccessible": false'],
  ['cloudtrail start-logging --name northwind-audit'],
  ['configservice start-configuration-recorder --configuration-recorder-name default'],
  [`guardduty update-detector --detector-id ${detector} --enable`],
];

const refused: Lines = [
  [
    'iam update-access-key --user-name ci-deploy --access-key-id AKIAUNKNOWN000000001 --status Inactive',
    '(NoSuchEntity)',
  ],
  ['iam list-users', '(NotImplemented)'],
  ['ec2 describe-security-groups --group-ids sg-0ffffffffffffffff', '(InvalidGroup.NotFound)'],
  ['lambda get-policy --function-name checkout', '(ResourceNotFoundException)'],
  ['rds describe-db-instances --db-instance-identifier unknown', '(DBInstanceNotFound)'],
  ['cloudtrail get-trail-status --name unknown', '(TrailNotFoundException)'],
  ['configservice start-configuration-recorder --configuration-recorder-name other', '(NoSuchConfigurationRecorder'],
  ['guardduty get-detector --detector-id 00000000000000000000000000000000', '(BadRequestException)'],
  ['eks describe-cluster --name unknown', '(ResourceNotFoundException)'],
  ['s3api get-public-access-block --bucket northwind-customer-exports', '(NoSuchPublicAccessBlockConfiguration)'],
];

const beyondItsRights: Lines = [
  ['iam get-user --user-name ci-deploy', '(AccessDenied)', 'assumed-role/web-server/i-0aa11bb22cc33dd44'],
  ['ec2 describe-instances', '(UnauthorizedOperation)'],
];

const withWrongSecret: Lines = [
  ['sts get-caller-identity', '(SignatureDoesNotMatch)'],
  ['ec2 describe-vpcs', '(SignatureDoesNotMatch)'],
  ['s3api list-buckets', '(SignatureDoesNotMatch)'],
  ['guardduty list-detectors', '(InvalidSignatureException)'],
];

const withUnknownKey: Lines = [
  ['s3api list-buckets', '(InvalidAccessKeyId)'],
  ['iam get-user', '(InvalidClientTokenId)'],
  ['ec2 describe-vpcs', '(AuthFailure)'],
];

const inHome: Lines = [
  ['sso-admin list-instances', 'ssoins-72230aa11bb22cc3', 'd-9067aa11bb'],
  [
    'sso-admin list-permission-sets --instance-arn arn:aws:sso:::instance/ssoins-72230aa11bb22cc3',
    'ps-1123456789abcdef',
  ],
  [
    'identitystore list-group-memberships-for-member --identity-store-id d-9067aa11bb --member-id UserId=94482478-a0b1-70c2-d3e4-000000000001',
    '94482478-a0b1-70c2-d3e4-0000000000a1',
  ],
];

/** All command lines, with who gives them; `home` has a role where Identity Center is at home. */
const commands = (home: Credentials): readonly Command[] => {
  const by = (as: Credentials, lines: Lines) => lines.map(([line, ...shows]): Command => ({ line, as, shows }));
  return [
    ...by(admin, [...reads, ...writes, ...refused]),
    ...by(host, beyondItsRights),
    ...by({ ...admin, secretAccessKey: 'guessed' }, withWrongSecret),
    ...by({ ...admin, accessKeyId: 'AKIAUNKNOWN000000001' }, withUnknownKey),
    ...by(home, inHome),
  ];
};

type Cli = (command: Omit<Command, 'shows'>) => Promise<string>;

/** awscli with botocore's own models of every service, speaking to one address only. */
const cliAt =
  (python: string, url: string): Cli =>
  async ({ line, as: { accessKeyId, secretAccessKey, sessionToken, region } }) => {
    const env = {
      PATH: process.env['PATH'] ?? '',
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      ...(sessionToken !== undefined && { AWS_SESSION_TOKEN: sessionToken }),
      AWS_DEFAULT_REGION: region,
      AWS_CONFIG_FILE: '/dev/null',
      AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_MAX_ATTEMPTS: '1',
    };
    const args = ['-m', 'awscli', '--endpoint-url', url, '--output', 'json', ...line.split(' ')];
    try {
      return (await run(python, args, { env, timeout: 60_000 })).stdout;
    } catch (thrown) {
      return String(own(thrown, 'stderr') || messageOf(thrown));
    }
  };

async function answered(cli: Cli, command: Command): Promise<Answered> {
  const { line, shows } = command;
  const text = await cli(command);
  const missing = shows.filter((part) => !text.includes(part));
  const refused = shows.length === 0 && text.trim() !== '';
  return missing.length === 0 && !refused
    ? { line }
    : { line, problem: `${missing.join(' and ') || 'silence'} expected; it says: ${text.trim().slice(0, 400)}` };
}

/** Assumes the reader's role in the security account, where Identity Center is at home. */
async function homeCredentials(cli: Cli): Promise<Credentials> {
  const role = `arn:aws:iam::${security}:role/CordonReader`;
  const line = `sts assume-role --role-arn ${role} --role-session-name probe --external-id northwind-cordon-9e41aa06`;
  const text = await cli({ line, as: { ...identities.aws, region: 'us-east-1' } });
  const issued: unknown = text.startsWith('{') ? own(JSON.parse(text), 'Credentials') : undefined;
  if (!isObject(issued)) throw new Error(`awscli: ${line}: ${text}`);
  const part = (name: string): string => String(own(issued, name));
  return {
    accessKeyId: part('AccessKeyId'),
    secretAccessKey: part('SecretAccessKey'),
    sessionToken: part('SessionToken'),
    region: 'us-east-1',
  };
}

function estate(): Sandbox {
  const { sandbox } = company();
  const { detail } = readEvent('guardduty/leaked-access-key');
  addFinding(sandbox.rows, detail as JsonObject); // every event has one
  return sandbox;
}

/** A few at a time: each command is a process of its own, which all at once take minutes. */
async function inTurn<T, R>(all: readonly T[], does: (one: T) => Promise<R>): Promise<readonly R[]> {
  const done: R[] = [];
  for (let at = 0; at < all.length; at += 4) done.push(...(await Promise.all(all.slice(at, at + 4).map(does))));
  return done;
}

/** Lets awscli ask the sandbox over a loopback port. */
export async function compareCli(python: string): Promise<readonly Answered[]> {
  const { url, close } = await estate().listen();
  try {
    const cli = cliAt(python, url);
    const home = await homeCredentials(cli);
    return await inTurn(commands(home), (command) => answered(cli, command));
  } finally {
    await close();
  }
}
