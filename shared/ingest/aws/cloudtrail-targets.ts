import { AccessKeyId, AwsAccountId, formatArn, IamName, parseArn } from '../../model/identifiers.ts';
import { own } from '../../model/json.ts';
import type { Target } from '../../model/target.ts';
import { type Detail, operationOf } from './cloudtrail-detail.ts';
import { detectorLosses, recorderLosses, trailLosses } from './cloudtrail-losses.ts';
import { openingsOf } from './cloudtrail-openings.ts';
import { administratorBy, letIn } from './cloudtrail-powers.ts';
import { sharedBy } from './cloudtrail-sharing.ts';
import type { Place } from './cloudtrail-principal.ts';
import { databaseSharedBy, functionOpened } from './cloudtrail-strangers.ts';
import { accountTarget, namedResource } from './named-resource.ts';

/** A call with where it was made. */
type Made = Place & { readonly detail: Detail; readonly operation: string };
type Find = (made: Made) => readonly Target[];

/** Every text under a dotted path; lists on the way are gone through. */
function textsAt(value: unknown, path: readonly string[]): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((item: unknown) => textsAt(item, path));
  const [key, ...rest] = path;
  if (key !== undefined) return textsAt(own(value, key), rest);
  return typeof value === 'string' && value !== '' ? [value] : [];
}

/** `>` leads into the request, `<` into the answer; the first path that has something is meant. */
function saidAt({ detail }: Made, paths: readonly string[]): readonly string[] {
  for (const path of paths) {
    const from = path.startsWith('<') ? detail.responseElements : detail.requestParameters;
    const found = textsAt(from, path.slice(1).split('.'));
    if (found.length > 0) return [...new Set(found)];
  }
  return [];
}

/** An id as an ARN, where it is none yet. */
const arnFor = ({ partition, region, account }: Place, service: string, kind: string, id: string): string =>
  parseArn(id) ? id : formatArn({ partition, service, region, account, resource: `${kind}${id}` });

/** Things of one type, by what a call says of them; what names none of that type is left out. */
const things =
  (type: string, arn: (place: Place, id: string) => string, ...paths: readonly string[]): Find =>
  (made) =>
    saidAt(made, paths)
      .map((id) => namedResource({ ...made, role: 'affected', type, id: arn(made, id) }))
      .filter((target) => target.type !== 'other' || !targeted.has(type));

/** Types of which a target is made wherever the id has its form: another id names nothing. */
const targeted = new Set(
  ['EC2::SecurityGroup', 'EC2::Instance', 'EC2::Snapshot', 'EC2::Image', 'S3::Bucket', 'IAM::User', 'IAM::Role'].map(
    (type) => `AWS::${type}`,
  ),
);

const ec2 = (kind: string) => (place: Place, id: string) => arnFor(place, 'ec2', `${kind}/`, id);
const iam = (kind: string) => (place: Place, id: string) => arnFor({ ...place, region: '' }, 'iam', `${kind}/`, id);
const rds = (kind: string) => (place: Place, id: string) => arnFor(place, 'rds', `${kind}:`, id.toLowerCase());
const asIs = (_: Place, id: string) => id;

const group = things('AWS::EC2::SecurityGroup', ec2('security-group'), '>groupId', '<groupId');
const groupOfRules: Find = (made) =>
  things(
    'AWS::EC2::SecurityGroup',
    ec2('security-group'),
    '>groupId',
    '>ModifySecurityGroupRulesRequest.GroupId',
    '<securityGroupRuleSet.items.groupId',
  )(made).map((one) => {
    const openings = openingsOf(made.operation, made.detail);
    return one.type === 'aws.ec2.security-group' && openings ? { ...one, openings: [...openings] } : one;
  });
const snapshot = things('AWS::EC2::Snapshot', ec2('snapshot'), '>snapshotId', '<snapshotId');
const image = things('AWS::EC2::Image', ec2('image'), '>imageId', '<imageId');
const instance = things('AWS::EC2::Instance', ec2('instance'), '>instanceId', '>target', '<instanceId');
const instances = things(
  'AWS::EC2::Instance',
  ec2('instance'),
  '<instancesSet.items.instanceId',
  '>instancesSet.items.instanceId',
  '>instanceIds',
);
const metadata = things('AWS::EC2::Instance', ec2('instance'), '>ModifyInstanceMetadataOptionsRequest.InstanceId');
const profiled = things(
  'AWS::EC2::Instance',
  ec2('instance'),
  '>AssociateIamInstanceProfileRequest.InstanceId',
  '<AssociateIamInstanceProfileResponse.iamInstanceProfileAssociation.instanceId',
  '<ReplaceIamInstanceProfileAssociationResponse.iamInstanceProfileAssociation.instanceId',
);
const bucket = things('AWS::S3::Bucket', ({ partition }, id) => `arn:${partition}:s3:::${id}`, '>bucketName');
const role = things('AWS::IAM::Role', iam('role'), '>roleName');
const iamGroup = things('AWS::IAM::Group', iam('group'), '>groupName');
const policy = things('AWS::IAM::Policy', asIs, '>policyArn', '<policy.arn');
const provider = things('AWS::IAM::Provider', asIs, '>sAMLProviderArn', '>openIDConnectProviderArn');
const db = things('AWS::RDS::DBInstance', rds('db'), '<dBInstanceArn', '>dBInstanceIdentifier');
const dbCluster = things('AWS::RDS::DBCluster', rds('cluster'), '<dBClusterArn', '>dBClusterIdentifier');
const dbSnapshot = things('AWS::RDS::DBSnapshot', rds('snapshot'), '>dBSnapshotIdentifier');
const dbClusterSnapshot = things(
  'AWS::RDS::DBClusterSnapshot',
  rds('cluster-snapshot'),
  '>dBClusterSnapshotIdentifier',
);
const lambda = things(
  'AWS::Lambda::Function',
  // a name, an ARN, or account:function:name
  (place, id) => arnFor(place, 'lambda', 'function:', id.replace(/^\d{12}:function:/, '')),
  '>functionName',
);
const trail = things(
  'AWS::CloudTrail::Trail',
  (place, id) => arnFor(place, 'cloudtrail', 'trail/', id),
  '<trailARN',
  '>trailName',
  '>name',
);
const detector = things(
  'AWS::GuardDuty::Detector',
  (place, id) => arnFor(place, 'guardduty', 'detector/', id),
  '>detectorId',
);
const recorder = things('AWS::Config::ConfigurationRecorder', asIs, '>configurationRecorderName');
const eventStore = things('AWS::CloudTrail::EventDataStore', asIs, '>eventDataStore');
const federated = things('federated-user', asIs, '<federatedUser.arn');
const wholeAccount: Find = (made) => [accountTarget({ ...made, role: 'affected' })];
const memberAccount: Find = (made) =>
  saidAt(made, ['>accountId'])
    .filter((account) => AwsAccountId.safeParse(account).success)
    .map((account) => accountTarget({ ...made, account, role: 'affected' }));

const user = things('AWS::IAM::User', iam('user'), '>userName', '<user.userName', '<accessKey.userName');

/** Of a call that names nobody, which is about the caller himself. */
const oneself: Find = (made) => {
  const { type, userName = '' } = made.detail.userIdentity;
  if (type !== 'IAMUser' || !IamName.safeParse(userName).success) return [];
  return [namedResource({ ...made, role: 'affected', type: 'AWS::IAM::User', id: iam('user')(made, userName) })];
};

/** The first of several that finds something. */
const either =
  (...finds: readonly Find[]): Find =>
  (made) =>
    finds.map((find) => find(made)).find((found) => found.length > 0) ?? [];

const userOrSelf = either(user, oneself);

/** The key that a call made or changed, and its user beside it. */
const accessKey: Find = (made) => {
  const [owner] = userOrSelf(made);
  const accessKeyId = AccessKeyId.safeParse(saidAt(made, ['<accessKey.accessKeyId', '>accessKeyId'])[0]).data;
  if (accessKeyId === undefined || owner?.type !== 'aws.iam.user') return owner ? [owner] : wholeAccount(made);
  const { userName, account, region, role: affected } = owner;
  const id = `${owner.id}#${accessKeyId}`;
  const place = { account, region, role: affected };
  const key: Target = { type: 'aws.iam.access-key', id, name: accessKeyId, ...place, userName, accessKeyId };
  return [key, { ...owner, role: 'related' }];
};

const object: Find = (made) => {
  const [key] = saidAt(made, ['>key']);
  const [holder] = bucket(made);
  if (key === undefined || holder?.type !== 'aws.s3.bucket') return holder ? [holder] : [];
  const { account, region, role: affected, id } = holder;
  const place = { account, region, role: affected };
  const one: Target = { type: 'aws.s3.object', id: `${id}/${key}`, name: key, ...place, bucket: holder.bucket, key };
  return [one, { ...holder, role: 'related' }];
};

/** What each call changes, by service and plain operation; `*` stands for the other calls of a service. */
const changed: ReadonlyMap<string, Find> = new Map([
  ['ec2/AuthorizeSecurityGroupIngress', groupOfRules],
  ['ec2/AuthorizeSecurityGroupEgress', groupOfRules],
  ['ec2/ModifySecurityGroupRules', groupOfRules],
  ['ec2/RevokeSecurityGroupIngress', group],
  ['ec2/RevokeSecurityGroupEgress', group],
  ['ec2/CreateSecurityGroup', group],
  ['ec2/DeleteSecurityGroup', group],
  ['ec2/CreateSnapshot', snapshot],
  ['ec2/DeleteSnapshot', snapshot],
  ['ec2/ModifySnapshotAttribute', snapshot],
  ['ec2/ResetSnapshotAttribute', snapshot],
  ['ec2/CreateImage', image],
  ['ec2/DeregisterImage', image],
  ['ec2/ModifyImageAttribute', image],
  ['ec2/ResetImageAttribute', image],
  ['ec2/RunInstances', instances],
  ['ec2/StartInstances', instances],
  ['ec2/StopInstances', instances],
  ['ec2/RebootInstances', instances],
  ['ec2/TerminateInstances', instances],
  ['ec2/ModifyInstanceAttribute', instance],
  ['ec2/ModifyInstanceMetadataOptions', metadata],
  ['ec2/AssociateIamInstanceProfile', profiled],
  ['ec2/ReplaceIamInstanceProfileAssociation', profiled],
  ['ec2/DisableEbsEncryptionByDefault', wholeAccount],
  ['ec2/DisableImageBlockPublicAccess', wholeAccount],
  ['ec2/DisableSnapshotBlockPublicAccess', wholeAccount],
  ['ec2-instance-connect/*', instance],
  ['ssm/SendCommand', instances],
  ['ssm/StartSession', instance],
  ['iam/CreateAccessKey', accessKey],
  ['iam/UpdateAccessKey', accessKey],
  ['iam/DeleteAccessKey', accessKey],
  ['iam/ChangePassword', userOrSelf],
  ['iam/EnableMFADevice', userOrSelf],
  ['iam/DeactivateMFADevice', userOrSelf],
  ['iam/AddUserToGroup', user],
  ['iam/RemoveUserFromGroup', user],
  ['iam/CreateAccountAlias', wholeAccount],
  ['iam/DeleteAccountAlias', wholeAccount],
  ['iam/UpdateAccountPasswordPolicy', wholeAccount],
  ['iam/DeleteAccountPasswordPolicy', wholeAccount],
  ['iam/AttachGroupPolicy', iamGroup],
  ['iam/PutGroupPolicy', iamGroup],
  ['iam/CreatePolicyVersion', policy],
  ['iam/*', either(role, iamGroup, provider, user, policy)],
  ['sts/GetFederationToken', federated],
  ['s3/PutAccountPublicAccessBlock', wholeAccount],
  ['s3/DeleteAccountPublicAccessBlock', wholeAccount],
  ['s3/*', object],
  ['rds/*', either(dbSnapshot, dbClusterSnapshot, db, dbCluster)],
  ['lambda/*', lambda],
  ['cloudtrail/*', either(eventStore, trail)],
  ['guardduty/CreateFilter', wholeAccount],
  ['guardduty/DeleteDetector', either(detector, wholeAccount)],
  ['guardduty/DeleteMembers', wholeAccount],
  ['guardduty/DisassociateFromAdministratorAccount', wholeAccount],
  ['guardduty/DisassociateFromMasterAccount', wholeAccount],
  ['guardduty/DisassociateMembers', wholeAccount],
  ['guardduty/StopMonitoringMembers', wholeAccount],
  ['guardduty/UpdateDetector', either(detector, wholeAccount)],
  ['config/DeleteConfigurationRecorder', either(recorder, wholeAccount)],
  ['config/DeleteDeliveryChannel', wholeAccount],
  ['config/StopConfigurationRecorder', either(recorder, wholeAccount)],
  ['securityhub/DisableSecurityHub', wholeAccount],
  ['macie2/DisableMacie', wholeAccount],
  ['inspector2/Disable', wholeAccount],
  ['access-analyzer/DeleteAnalyzer', wholeAccount],
  ['organizations/AccountDepartedOrganization', wholeAccount],
  ['organizations/LeaveOrganization', wholeAccount],
  ['organizations/RemoveAccountFromOrganization', memberAccount],
  ['organizations/CloseAccount', memberAccount],
  ['account/*', wholeAccount],
]);

/** What the service itself says that a call concerned. */
const declared: Find = (made) =>
  made.detail.resources.flatMap(({ arn, type = 'resource', accountId }) =>
    arn === undefined
      ? []
      : [namedResource({ ...made, account: accountId ?? made.account, role: 'affected', type, id: arn })],
  );

const copied = <T>(list: readonly T[] | undefined): T[] | undefined => list && [...list];

/** The owner of each resource, as its service says: of what is shared, that need not be the account of the record. */
const ownersIn = ({ resources }: Detail): ReadonlyMap<string, string> =>
  new Map(
    resources.flatMap(({ arn, accountId }) =>
      arn !== undefined && AwsAccountId.safeParse(accountId).success ? [[arn, accountId ?? '']] : [],
    ),
  );

/** A thing with what the call gave it or took from it, as far as the request says. */
function withNews(one: Target, { operation, detail: { requestParameters: request }, account }: Made): Target {
  const told = { operation, request };
  if (one.type === 'aws.cloudtrail.trail') return { ...one, lost: copied(trailLosses(told)) };
  if (one.type === 'aws.config.recorder') return { ...one, lost: copied(recorderLosses(told)) };
  if (one.type === 'aws.guardduty.detector') {
    const { lost, features } = detectorLosses(told);
    return { ...one, lost: copied(lost), features: [...features] };
  }
  if (one.type === 'aws.lambda.function') return { ...one, ...functionOpened(told, account) };
  if (one.type === 'aws.rds.snapshot') return { ...one, sharedWith: databaseSharedBy(told) };
  if (one.type === 'aws.ebs.snapshot' || one.type === 'aws.ec2.image')
    return { ...one, sharedWith: copied(sharedBy(told)) };
  const administrator = administratorBy(operation, request);
  if (one.type === 'aws.iam.user') return { ...one, administrator };
  if (one.type === 'aws.iam.role') return { ...one, administrator, letsIn: copied(letIn(operation, request, account)) };
  return one;
}

/** What a call changed, each with the account that owns it; nothing where neither it nor its service names anything. */
export function changedBy(detail: Detail, place: Place): readonly Target[] {
  const operation = operationOf(detail);
  const [service = ''] = detail.eventSource.split('.');
  const made: Made = { ...place, detail, operation };
  const find = changed.get(`${service}/${operation}`) ?? changed.get(`${service}/*`);
  const found = find?.(made) ?? [];
  const owners = ownersIn(detail);
  return (found.length > 0 ? found : declared(made)).map((one) => ({
    ...withNews(one, made),
    account: owners.get(one.id) ?? one.account,
  }));
}
