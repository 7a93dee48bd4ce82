import { CloudTrailClient, GetEventSelectorsCommand, GetTrailStatusCommand } from '@aws-sdk/client-cloudtrail';
import {
  ConfigServiceClient,
  DescribeConfigurationRecorderStatusCommand,
  DescribeDeliveryChannelsCommand,
} from '@aws-sdk/client-config-service';
import {
  GetDetectorCommand,
  GetFindingsCommand,
  GuardDutyClient,
  ListDetectorsCommand,
  ListFindingsCommand,
} from '@aws-sdk/client-guardduty';
import {
  GetAccessKeyLastUsedCommand,
  GetAccountSummaryCommand,
  GetLoginProfileCommand,
  GetPolicyCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  GetUserCommand,
  GetUserPolicyCommand,
  IAMClient,
  ListAccessKeysCommand,
  ListAttachedRolePoliciesCommand,
  ListAttachedUserPoliciesCommand,
  ListEntitiesForPolicyCommand,
  SimulatePrincipalPolicyCommand,
} from '@aws-sdk/client-iam';
import {
  GetUserIdCommand,
  IdentitystoreClient,
  ListGroupMembershipsForMemberCommand,
} from '@aws-sdk/client-identitystore';
import { GetFindingsCommand as GetHubFindingsCommand, SecurityHubClient } from '@aws-sdk/client-securityhub';
import {
  DescribePermissionSetCommand,
  GetInlinePolicyForPermissionSetCommand,
  ListAccountAssignmentsForPrincipalCommand,
  ListAccountsForProvisionedPermissionSetCommand,
  ListInstancesCommand,
  ListPermissionSetsCommand,
  SSOAdminClient,
} from '@aws-sdk/client-sso-admin';
import type { AwsSession } from '../../../shared/actions/aws/aws-action.ts';
import { computeReads } from './compute-reads.ts';
import { databaseReads } from './database-reads.ts';
import { nobody, type Read, sendsOf } from './read.ts';
import { storageReads } from './storage-reads.ts';

const noOne = '00000000-0000-4000-8000-000000000000';

const iam = sendsOf(IAMClient);

/** On GuardDuty's detector of the region. */
const detector =
  (make: (client: GuardDutyClient, DetectorId: string, abortSignal: AbortSignal) => Promise<unknown>): Read =>
  (aws, { detectorId }) =>
    detectorId === undefined ? undefined : (signal) => make(aws.client(GuardDutyClient), detectorId, signal);

/** In the account and region where IAM Identity Center lives. */
const sso =
  (make: (client: SSOAdminClient, InstanceArn: string, abortSignal: AbortSignal) => Promise<unknown>): Read =>
  (aws, { instance }) =>
    instance && ((signal) => make(aws.client(SSOAdminClient), instance.arn, signal));
const store =
  (make: (client: IdentitystoreClient, IdentityStoreId: string, abortSignal: AbortSignal) => Promise<unknown>): Read =>
  (aws, { instance }) =>
    instance && ((signal) => make(aws.client(IdentitystoreClient), instance.store, signal));

const noTrail = ({ partition, region, account }: AwsSession): string =>
  `arn:${partition}:cloudtrail:${region}:${account}:trail/${nobody}`;
const noSet = (instance: string): string => `${instance.replace(':instance/', ':permissionSet/')}/ps-0000000000000000`;

/** A harmless read for every right that a reader may need (Service Authorization Reference). */
export const reads: Readonly<Record<string, Read>> = {
  ...computeReads,
  ...databaseReads,
  ...storageReads,
  'iam:GetUser': iam((client, abortSignal) => client.send(new GetUserCommand({ UserName: nobody }), { abortSignal })),
  'iam:GetUserPolicy': iam((client, abortSignal) =>
    client.send(new GetUserPolicyCommand({ UserName: nobody, PolicyName: nobody }), { abortSignal }),
  ),
  'iam:GetRole': iam((client, abortSignal) => client.send(new GetRoleCommand({ RoleName: nobody }), { abortSignal })),
  'iam:GetRolePolicy': iam((client, abortSignal) =>
    client.send(new GetRolePolicyCommand({ RoleName: nobody, PolicyName: nobody }), { abortSignal }),
  ),
  'iam:GetPolicy': (aws) => (abortSignal) => {
    const PolicyArn = `arn:${aws.partition}:iam::${aws.account}:policy/CordonQuarantine`;
    return aws.client(IAMClient).send(new GetPolicyCommand({ PolicyArn }), { abortSignal });
  },
  'iam:GetAccountSummary': iam((client, abortSignal) => client.send(new GetAccountSummaryCommand(), { abortSignal })),
  'iam:GetAccessKeyLastUsed': iam((client, abortSignal) =>
    client.send(new GetAccessKeyLastUsedCommand({ AccessKeyId: 'AKIACORDONDOCTORASKS' }), { abortSignal }),
  ),
  'iam:ListAccessKeys': iam((client, abortSignal) =>
    client.send(new ListAccessKeysCommand({ UserName: nobody }), { abortSignal }),
  ),
  'iam:GetLoginProfile': iam((client, abortSignal) =>
    client.send(new GetLoginProfileCommand({ UserName: nobody }), { abortSignal }),
  ),
  'iam:ListAttachedRolePolicies': iam((client, abortSignal) =>
    client.send(new ListAttachedRolePoliciesCommand({ RoleName: nobody }), { abortSignal }),
  ),
  'iam:ListAttachedUserPolicies': iam((client, abortSignal) =>
    client.send(new ListAttachedUserPoliciesCommand({ UserName: nobody }), { abortSignal }),
  ),
  'iam:ListEntitiesForPolicy': (aws) => (abortSignal) => {
    const PolicyArn = `arn:${aws.partition}:iam::aws:policy/AdministratorAccess`;
    return aws.client(IAMClient).send(new ListEntitiesForPolicyCommand({ PolicyArn, MaxItems: 1 }), { abortSignal });
  },
  'iam:SimulatePrincipalPolicy': (aws) => (abortSignal) => {
    const PolicySourceArn = `arn:${aws.partition}:iam::${aws.account}:user/${nobody}`;
    const command = new SimulatePrincipalPolicyCommand({ PolicySourceArn, ActionNames: ['iam:GetUser'] });
    return aws.client(IAMClient).send(command, { abortSignal });
  },
  'cloudtrail:GetTrailStatus': (aws) => (abortSignal) =>
    aws.client(CloudTrailClient).send(new GetTrailStatusCommand({ Name: noTrail(aws) }), { abortSignal }),
  'cloudtrail:GetEventSelectors': (aws) => (abortSignal) =>
    aws.client(CloudTrailClient).send(new GetEventSelectorsCommand({ TrailName: noTrail(aws) }), { abortSignal }),
  'config:DescribeConfigurationRecorderStatus': (aws) => (abortSignal) =>
    aws.client(ConfigServiceClient).send(new DescribeConfigurationRecorderStatusCommand(), { abortSignal }),
  'config:DescribeDeliveryChannels': (aws) => (abortSignal) =>
    aws.client(ConfigServiceClient).send(new DescribeDeliveryChannelsCommand(), { abortSignal }),
  'guardduty:ListDetectors': (aws) => (abortSignal) =>
    aws.client(GuardDutyClient).send(new ListDetectorsCommand({ MaxResults: 1 }), { abortSignal }),
  'guardduty:GetDetector': detector((client, DetectorId, abortSignal) =>
    client.send(new GetDetectorCommand({ DetectorId }), { abortSignal }),
  ),
  'guardduty:ListFindings': detector((client, DetectorId, abortSignal) =>
    client.send(new ListFindingsCommand({ DetectorId, MaxResults: 1 }), { abortSignal }),
  ),
  'guardduty:GetFindings': detector((client, DetectorId, abortSignal) =>
    client.send(new GetFindingsCommand({ DetectorId, FindingIds: ['0'.repeat(32)] }), { abortSignal }),
  ),
  'securityhub:GetFindings': (aws, { hub }) =>
    hub &&
    ((abortSignal) =>
      aws.client(SecurityHubClient).send(new GetHubFindingsCommand({ MaxResults: 1 }), { abortSignal })),
  'sso:ListInstances': (aws) => (abortSignal) =>
    aws.client(SSOAdminClient).send(new ListInstancesCommand({ MaxResults: 1 }), { abortSignal }),
  'sso:ListPermissionSets': sso((client, InstanceArn, abortSignal) =>
    client.send(new ListPermissionSetsCommand({ InstanceArn, MaxResults: 1 }), { abortSignal }),
  ),
  'sso:DescribePermissionSet': sso((client, InstanceArn, abortSignal) =>
    client.send(new DescribePermissionSetCommand({ InstanceArn, PermissionSetArn: noSet(InstanceArn) }), {
      abortSignal,
    }),
  ),
  'sso:GetInlinePolicyForPermissionSet': sso((client, InstanceArn, abortSignal) =>
    client.send(new GetInlinePolicyForPermissionSetCommand({ InstanceArn, PermissionSetArn: noSet(InstanceArn) }), {
      abortSignal,
    }),
  ),
  'sso:ListAccountAssignmentsForPrincipal': sso((client, InstanceArn, abortSignal) => {
    const asked = { InstanceArn, PrincipalId: noOne, PrincipalType: 'USER' } as const;
    return client.send(new ListAccountAssignmentsForPrincipalCommand({ ...asked, MaxResults: 1 }), { abortSignal });
  }),
  'sso:ListAccountsForProvisionedPermissionSet': sso((client, InstanceArn, abortSignal) => {
    const asked = { InstanceArn, PermissionSetArn: noSet(InstanceArn) };
    return client.send(new ListAccountsForProvisionedPermissionSetCommand(asked), { abortSignal });
  }),
  'identitystore:GetUserId': store((client, IdentityStoreId, abortSignal) => {
    const UniqueAttribute = { AttributePath: 'userName', AttributeValue: nobody };
    return client.send(new GetUserIdCommand({ IdentityStoreId, AlternateIdentifier: { UniqueAttribute } }), {
      abortSignal,
    });
  }),
  'identitystore:ListGroupMembershipsForMember': store((client, IdentityStoreId, abortSignal) =>
    client.send(new ListGroupMembershipsForMemberCommand({ IdentityStoreId, MemberId: { UserId: noOne } }), {
      abortSignal,
    }),
  ),
};
