import { describe, expect, test } from 'vitest';
import { type PolicyDocument, parsePolicy } from '../../shared/policy/document.ts';
import { type EvaluateInput, evaluate } from '../../shared/policy/evaluate.ts';
import type { AwsPrincipal, AwsRequest } from '../../shared/policy/request.ts';

type Loose = Readonly<Record<string, unknown>>;

const policy = (...statements: Loose[]): PolicyDocument[] => [
  parsePolicy(JSON.stringify({ Version: '2012-10-17', Statement: statements })),
];
const allow = (Action: string | string[], more: Loose = {}): Loose => ({
  Sid: 'Allow',
  Effect: 'Allow',
  Action,
  Resource: '*',
  ...more,
});
const deny = (Action: string | string[], more: Loose = {}): Loose => ({
  ...allow(Action, more),
  Sid: 'Deny',
  Effect: 'Deny',
});
const when = (operator: string, key: string, value: unknown): Loose => ({
  Condition: { [operator]: { [key]: value } },
});
const without = (name: string, statement: Loose): Loose =>
  Object.fromEntries(Object.entries(statement).filter(([key]) => key !== name));

const home = '111122223333';
const abroad = '444455556666';
const role = `arn:aws:iam::${home}:role/team/deploy`;
const user: AwsPrincipal = {
  type: 'user',
  account: home,
  arn: `arn:aws:iam::${home}:user/team/ann`,
  userId: 'AIDAANN',
};
const session: AwsPrincipal = {
  type: 'role-session',
  account: home,
  arn: `arn:aws:sts::${home}:assumed-role/deploy/i-0123`,
  roleArn: role,
  userId: 'AROADEPLOY:i-0123',
};
const root: AwsPrincipal = { type: 'root', account: home, arn: `arn:aws:iam::${home}:root` };
const anonymous: AwsPrincipal = { type: 'anonymous', account: '', arn: '' };
const service: AwsPrincipal = { type: 'service', account: '', arn: 'cloudtrail.amazonaws.com' };
const provider = `arn:aws:iam::${home}:oidc-provider/login.microsoftonline.com`;
const federated: AwsPrincipal = { type: 'federated', account: '', arn: provider };

const all = policy(allow('*'));
const readOnly = policy(allow('s3:Get*'));
const grantTo = (Principal: unknown, more: Loose = {}) => policy(allow('s3:*', { Principal, ...more }));

type Given = Partial<Omit<EvaluateInput, 'request'>> & {
  readonly by?: AwsPrincipal;
  readonly does?: string;
  readonly on?: string;
  readonly at?: string;
  readonly context?: AwsRequest['context'];
};

/** `allowed identity:Sid`, in one text. */
function decide({ by: principal = user, does = 's3:GetObject', on, at = home, context = {}, ...policies }: Given) {
  const resource = on ?? 'arn:aws:s3:::evidence/report.csv';
  const request: AwsRequest = { principal, action: does, resource, resourceAccount: at, context };
  const { decision, by } = evaluate({ identity: [], ...policies, request });
  return by ? `${decision} ${[by.policy, by.sid].filter(Boolean).join(':')}` : decision;
}

type Row = readonly [what: string, given: Given, verdict: string];

const key = `arn:aws:kms:eu-west-1:${home}:key/1`;
const cutOff = policy(deny('*', when('DateLessThan', 'aws:TokenIssueTime', '2026-05-01T10:00:00Z')));
const oneSession = policy(deny('*', when('StringEquals', 'aws:userid', 'AROADEPLOY:i-0123')));
const onePerson = policy(deny('*', when('StringEquals', 'identitystore:userId', '9067-aaaa')));
const ownKeys = policy(
  allow('iam:*AccessKey*', { Resource: 'arn:aws:iam::*:user/team/${aws:username}' }),
  deny('iam:*', { Resource: 'arn:aws:iam::*:user/${aws:PrincipalTag/never}' }),
);

const rows: Readonly<Record<string, readonly Row[]>> = {
  'identity policies': [
    ['nothing allows', {}, 'implicitDeny identity'],
    ['an allow', { identity: all }, 'allowed identity:Allow'],
    ['a deny beats an allow', { identity: [...all, ...policy(deny('s3:*'))] }, 'explicitDeny identity:Deny'],
    ['a deny of something else', { identity: [...all, ...policy(deny('ec2:*'))] }, 'allowed identity:Allow'],
    ['an action in another case', { identity: policy(allow('S3:getobject')) }, 'allowed identity:Allow'],
    ['a request in another case', { identity: readOnly, does: 'S3:GETOBJECT' }, 'allowed identity:Allow'],
    ['? in an action', { identity: policy(allow('s3:Get?bject')) }, 'allowed identity:Allow'],
    ['? needs a character', { identity: policy(allow('s3:GetObject?')) }, 'implicitDeny identity'],
    ['an action as a prefix only', { identity: policy(allow('s3:Get')) }, 'implicitDeny identity'],
    ['one of several actions', { identity: policy(allow(['ec2:*', 's3:*'])) }, 'allowed identity:Allow'],
    [
      'NotAction leaves out',
      { identity: policy(without('Action', allow('', { NotAction: 's3:*' }))) },
      'implicitDeny identity',
    ],
    [
      'NotAction takes in the rest',
      { identity: policy(without('Action', allow('', { NotAction: 'iam:*' }))) },
      'allowed identity:Allow',
    ],
    [
      'a deny of NotAction',
      { identity: [...all, ...policy(without('Action', deny('', { NotAction: 'iam:*' })))] },
      'explicitDeny identity:Deny',
    ],
  ],
  resources: [
    [
      'in the bucket',
      { identity: policy(allow('s3:*', { Resource: 'arn:aws:s3:::evidence/*' })) },
      'allowed identity:Allow',
    ],
    [
      'in another bucket',
      { identity: policy(allow('s3:*', { Resource: 'arn:aws:s3:::evidence2/*' })) },
      'implicitDeny identity',
    ],
    [
      'names are case-sensitive',
      { identity: policy(allow('s3:*', { Resource: 'arn:aws:s3:::Evidence/*' })) },
      'implicitDeny identity',
    ],
    [
      'NotResource leaves out',
      { identity: policy(without('Resource', allow('*', { NotResource: '*:evidence/*' }))) },
      'implicitDeny identity',
    ],
    [
      'NotResource takes in the rest',
      { identity: policy(without('Resource', allow('*', { NotResource: '*:other/*' }))) },
      'allowed identity:Allow',
    ],
    [
      'a deny of NotResource',
      { identity: [...all, ...policy(without('Resource', deny('*', { NotResource: '*:other/*' })))] },
      'explicitDeny identity:Deny',
    ],
    [
      'no resource needs *',
      { does: 'ec2:DescribeInstances', on: '*', identity: policy(allow('ec2:*', { Resource: 'arn:aws:ec2:*' })) },
      'implicitDeny identity',
    ],
    ['no resource fits *', { does: 'ec2:DescribeInstances', on: '*', identity: all }, 'allowed identity:Allow'],
    [
      'a variable, own user',
      { does: 'iam:UpdateAccessKey', on: user.arn, identity: ownKeys },
      'allowed identity:Allow',
    ],
    [
      'a variable, another user',
      { does: 'iam:UpdateAccessKey', on: `${user.arn}a`, identity: ownKeys },
      'implicitDeny identity',
    ],
    [
      'a variable without a value',
      { by: session, does: 'iam:UpdateAccessKey', on: user.arn, identity: ownKeys },
      'implicitDeny identity',
    ],
  ],
  'cut-off sessions': [
    [
      'issued before the cut',
      { by: session, identity: [...all, ...cutOff], context: { 'aws:TokenIssueTime': '2026-05-01T09:59:59Z' } },
      'explicitDeny identity:Deny',
    ],
    [
      'issued at the cut',
      { by: session, identity: [...all, ...cutOff], context: { 'aws:TokenIssueTime': '2026-05-01T10:00:00Z' } },
      'allowed identity:Allow',
    ],
    ['a long-lived key has no issue time', { identity: [...all, ...cutOff] }, 'allowed identity:Allow'],
    ['this session by aws:userid', { by: session, identity: [...all, ...oneSession] }, 'explicitDeny identity:Deny'],
    [
      'another session of the role',
      { by: { ...session, userId: 'AROADEPLOY:i-0999' }, identity: [...all, ...oneSession] },
      'allowed identity:Allow',
    ],
    [
      'this person by identitystore:userId',
      { by: session, identity: [...all, ...onePerson], context: { 'identitystore:UserId': '9067-aaaa' } },
      'explicitDeny identity:Deny',
    ],
    [
      'another person in the same role',
      { by: session, identity: [...all, ...onePerson], context: { 'identitystore:UserId': '9067-bbbb' } },
      'allowed identity:Allow',
    ],
    ['no person at all', { by: session, identity: [...all, ...onePerson] }, 'allowed identity:Allow'],
    [
      'allowed by StringEqualsIfExists',
      { identity: policy(allow('*', when('StringEqualsIfExists', 'aws:RequestedRegion', 'eu-west-1'))) },
      'allowed identity:Allow',
    ],
    [
      'not allowed in another region',
      {
        identity: policy(allow('*', when('StringEqualsIfExists', 'aws:RequestedRegion', 'eu-west-1'))),
        context: { 'aws:RequestedRegion': 'us-east-1' },
      },
      'implicitDeny identity',
    ],
    [
      'denied without MFA by Null',
      { identity: [...all, ...policy(deny('*', when('Null', 'aws:MultiFactorAuthAge', true)))] },
      'explicitDeny identity:Deny',
    ],
    [
      'not denied with MFA',
      {
        identity: [...all, ...policy(deny('*', when('Null', 'aws:MultiFactorAuthAge', true)))],
        context: { 'aws:MultiFactorAuthAge': '60' },
      },
      'allowed identity:Allow',
    ],
    [
      'ForAllValues on an empty set allows',
      {
        identity: policy(allow('*', when('ForAllValues:StringEquals', 'aws:TagKeys', 'Owner'))),
        context: { 'aws:TagKeys': [] },
      },
      'allowed identity:Allow',
    ],
    [
      'ForAnyValue on an empty set does not',
      {
        identity: policy(allow('*', when('ForAnyValue:StringEquals', 'aws:TagKeys', 'Owner'))),
        context: { 'aws:TagKeys': [] },
      },
      'implicitDeny identity',
    ],
  ],
  'what follows from the caller': [
    [
      'aws:PrincipalArn of a session is its role',
      { by: session, identity: policy(allow('*', when('ArnEquals', 'aws:PrincipalArn', role))) },
      'allowed identity:Allow',
    ],
    [
      'a role whose path is not known',
      {
        by: { ...session, roleArn: undefined },
        identity: policy(allow('*', when('ArnEquals', 'aws:PrincipalArn', `arn:aws:iam::${home}:role/deploy`))),
      },
      'allowed identity:Allow',
    ],
    [
      'aws:PrincipalArn of a user',
      { identity: policy(allow('*', when('ArnEquals', 'aws:PrincipalArn', user.arn))) },
      'allowed identity:Allow',
    ],
    [
      'aws:PrincipalType of a session',
      { by: session, identity: policy(allow('*', when('StringEquals', 'aws:PrincipalType', 'AssumedRole'))) },
      'allowed identity:Allow',
    ],
    [
      'aws:username is missing in a session',
      { by: session, identity: policy(allow('*', when('Null', 'aws:username', true))) },
      'allowed identity:Allow',
    ],
    [
      'aws:ResourceAccount',
      { identity: policy(allow('*', when('StringEquals', 'aws:ResourceAccount', home))) },
      'allowed identity:Allow',
    ],
    [
      'what the request says goes first',
      { identity: policy(allow('*', when('StringEquals', 'aws:username', 'bob'))), context: { 'AWS:UserName': 'bob' } },
      'allowed identity:Allow',
    ],
    [
      'aws:userid of root is the account',
      {
        by: root,
        identity: [],
        resource: policy(deny('*', { Principal: '*', ...when('StringEquals', 'aws:userid', home) })),
      },
      'explicitDeny resource:Deny',
    ],
  ],
  'resource policies within an account': [
    ['grant to a user by ARN', { resource: grantTo({ AWS: user.arn }) }, 'allowed resource:Allow'],
    ['grant to a user by unique id', { resource: grantTo({ AWS: 'AIDAANN' }) }, 'allowed resource:Allow'],
    ['not to another user', { resource: grantTo({ AWS: `${user.arn}a` }) }, 'implicitDeny identity'],
    [
      'not with a wildcard inside an ARN',
      { resource: grantTo({ AWS: `arn:aws:iam::${home}:user/*` }) },
      'implicitDeny identity',
    ],
    ['grant to everybody', { resource: grantTo('*') }, 'allowed resource:Allow'],
    ['grant to a service is not for a user', { resource: grantTo({ Service: service.arn }) }, 'implicitDeny identity'],
    ['the account needs an identity policy too', { resource: grantTo({ AWS: home }) }, 'implicitDeny identity'],
    [
      'the account and an identity policy',
      { resource: grantTo({ AWS: root.arn }), identity: all },
      'allowed identity:Allow',
    ],
    [
      'a user is not limited by its boundary',
      { resource: grantTo({ AWS: user.arn }), boundary: policy(allow('ec2:*')) },
      'allowed resource:Allow',
    ],
    [
      'a boundary that denies does limit',
      { resource: grantTo({ AWS: user.arn }), boundary: policy(deny('s3:*')) },
      'explicitDeny boundary:Deny',
    ],
    ['a role grants to its sessions', { by: session, resource: grantTo({ AWS: role }) }, 'allowed resource:Allow'],
    ['a role by unique id', { by: session, resource: grantTo({ AWS: 'AROADEPLOY' }) }, 'allowed resource:Allow'],
    [
      'a role grant is limited by the boundary',
      { by: session, resource: grantTo({ AWS: role }), boundary: policy(allow('ec2:*')) },
      'implicitDeny boundary',
    ],
    [
      'a role grant is limited by the session policy',
      { by: session, resource: grantTo({ AWS: role }), session: policy(allow('ec2:*')) },
      'implicitDeny session',
    ],
    [
      'a session grant is not limited',
      {
        by: session,
        resource: grantTo({ AWS: session.arn }),
        boundary: policy(allow('ec2:*')),
        session: policy(allow('ec2:*')),
      },
      'allowed resource:Allow',
    ],
    [
      'the closest grant counts',
      { by: session, resource: grantTo({ AWS: [home, role, session.arn] }), session: policy(allow('ec2:*')) },
      'allowed resource:Allow',
    ],
    [
      'the closest grant counts, also when it comes first',
      {
        by: session,
        resource: [...grantTo({ AWS: session.arn }), ...grantTo({ AWS: role })],
        session: policy(allow('ec2:*')),
      },
      'allowed resource:Allow',
    ],
    [
      'everybody with aws:PrincipalArn is not limited',
      {
        by: session,
        resource: grantTo('*', when('ArnEquals', 'aws:PrincipalArn', role)),
        boundary: policy(allow('ec2:*')),
      },
      'allowed resource:Allow',
    ],
    [
      'a deny for the role hits its sessions',
      { by: session, identity: all, resource: policy(deny('*', { Principal: { AWS: role } })) },
      'explicitDeny resource:Deny',
    ],
    [
      'a deny for the account hits its users',
      { identity: all, resource: policy(deny('*', { Principal: { AWS: home } })) },
      'explicitDeny resource:Deny',
    ],
    [
      'a deny for somebody else',
      { identity: all, resource: policy(deny('*', { Principal: { AWS: role } })) },
      'allowed identity:Allow',
    ],
    [
      'NotPrincipal spares who is listed in full',
      { identity: all, resource: policy(deny('*', { NotPrincipal: { AWS: [user.arn, home] } })) },
      'allowed identity:Allow',
    ],
    [
      'NotPrincipal without the account spares nobody',
      { identity: all, resource: policy(deny('*', { NotPrincipal: { AWS: user.arn } })) },
      'explicitDeny resource:Deny',
    ],
    [
      'NotPrincipal spares a session listed in full',
      { by: session, identity: all, resource: policy(deny('*', { NotPrincipal: { AWS: [session.arn, role, home] } })) },
      'allowed identity:Allow',
    ],
    [
      'NotPrincipal without the session spares it not',
      { by: session, identity: all, resource: policy(deny('*', { NotPrincipal: { AWS: [role, home] } })) },
      'explicitDeny resource:Deny',
    ],
    [
      'NotPrincipal never spares who has a boundary',
      { identity: all, boundary: all, resource: policy(deny('*', { NotPrincipal: { AWS: [user.arn, home] } })) },
      'explicitDeny resource:Deny',
    ],
    [
      'NotPrincipal spares a service',
      {
        by: service,
        resource: [
          ...grantTo({ Service: service.arn }),
          ...policy(deny('*', { NotPrincipal: { Service: service.arn } })),
        ],
      },
      'allowed resource:Allow',
    ],
    [
      'NotPrincipal everybody denies nobody',
      { identity: all, resource: policy(deny('*', { NotPrincipal: '*' })) },
      'allowed identity:Allow',
    ],
    ['a user is no service', { resource: grantTo({ Service: user.arn }) }, 'implicitDeny identity'],
    [
      'a service is no AWS principal',
      { by: service, resource: grantTo({ AWS: service.arn }) },
      'implicitDeny resource',
    ],
    ['a statement that names nobody allows nobody', { resource: policy(allow('s3:*')) }, 'implicitDeny identity'],
  ],
  'trust and key policies': [
    [
      'a trust policy alone lets a user in',
      {
        does: 'sts:AssumeRole',
        on: role,
        resource: policy(without('Resource', allow('sts:AssumeRole', { Principal: { AWS: user.arn } }))),
      },
      'allowed resource:Allow',
    ],
    [
      'an identity policy alone does not',
      {
        does: 'sts:AssumeRole',
        on: role,
        identity: all,
        resource: policy(without('Resource', allow('sts:AssumeRole', { Principal: { AWS: role } }))),
      },
      'implicitDeny resource',
    ],
    [
      'trust in the account and an identity policy',
      {
        does: 'sts:AssumeRole',
        on: role,
        identity: all,
        resource: policy(without('Resource', allow('sts:AssumeRole', { Principal: { AWS: home } }))),
      },
      'allowed identity:Allow',
    ],
    [
      'trust in a service',
      {
        by: service,
        does: 'sts:AssumeRole',
        on: role,
        resource: policy(without('Resource', allow('sts:AssumeRole', { Principal: { Service: service.arn } }))),
      },
      'allowed resource:Allow',
    ],
    [
      'trust in a web identity',
      {
        by: federated,
        does: 'sts:AssumeRoleWithWebIdentity',
        on: role,
        resource: policy(
          without(
            'Resource',
            allow('sts:AssumeRoleWithWebIdentity', {
              Principal: { Federated: provider },
              ...when('StringEquals', 'login.microsoftonline.com:sub', 'mi'),
            }),
          ),
        ),
        context: { 'login.microsoftonline.com:sub': 'mi' },
      },
      'allowed resource:Allow',
    ],
    [
      'not in another web identity',
      {
        by: { ...federated, arn: `${provider}2` },
        does: 'sts:AssumeRoleWithWebIdentity',
        on: role,
        resource: policy(without('Resource', allow('sts:*', { Principal: { Federated: provider } }))),
      },
      'implicitDeny resource',
    ],
    [
      'a key policy must allow',
      { does: 'kms:Decrypt', on: key, identity: all, resource: policy(allow('kms:*', { Principal: { AWS: role } })) },
      'implicitDeny resource',
    ],
    [
      'a key policy that trusts the account',
      {
        does: 'kms:Decrypt',
        on: key,
        identity: all,
        resource: policy(allow('kms:*', { Principal: { AWS: root.arn } })),
      },
      'allowed identity:Allow',
    ],
    ['kms without a key', { does: 'kms:ListKeys', on: '*', identity: all }, 'allowed identity:Allow'],
    [
      'root needs the key policy too',
      { by: root, does: 'kms:Decrypt', on: key, resource: policy(allow('kms:*', { Principal: { AWS: role } })) },
      'implicitDeny resource',
    ],
  ],
  'across accounts': [
    ['the identity policy alone', { at: abroad, identity: all }, 'implicitDeny resource'],
    ['the resource policy alone', { at: abroad, resource: grantTo({ AWS: user.arn }) }, 'implicitDeny identity'],
    ['everybody is not enough either', { at: abroad, resource: grantTo('*') }, 'implicitDeny identity'],
    ['both', { at: abroad, identity: all, resource: grantTo({ AWS: user.arn }) }, 'allowed identity:Allow'],
    ['both, by account', { at: abroad, identity: all, resource: grantTo({ AWS: home }) }, 'allowed identity:Allow'],
    [
      'both, by role',
      { by: session, at: abroad, identity: all, resource: grantTo({ AWS: role }) },
      'allowed identity:Allow',
    ],
    [
      'a grant to the other account is not for us',
      { at: abroad, identity: all, resource: grantTo({ AWS: abroad }) },
      'implicitDeny resource',
    ],
    [
      'the boundary limits',
      { at: abroad, identity: all, boundary: policy(allow('ec2:*')), resource: grantTo({ AWS: user.arn }) },
      'implicitDeny boundary',
    ],
    [
      'the session policy limits',
      {
        by: session,
        at: abroad,
        identity: all,
        session: policy(allow('ec2:*')),
        resource: grantTo({ AWS: session.arn }),
      },
      'implicitDeny session',
    ],
    [
      'a deny of theirs wins',
      { at: abroad, identity: all, resource: [...grantTo('*'), ...policy(deny('s3:*', { Principal: '*' }))] },
      'explicitDeny resource:Deny',
    ],
    [
      'our service control policy limits',
      { at: abroad, identity: all, resource: grantTo({ AWS: user.arn }), serviceControl: [policy(allow('ec2:*'))] },
      'implicitDeny serviceControl',
    ],
    ['root with a grant', { by: root, at: abroad, resource: grantTo({ AWS: home }) }, 'allowed resource:Allow'],
    ['root without a grant', { by: root, at: abroad }, 'implicitDeny resource'],
  ],
  'boundary and session policy': [
    ['both allow', { identity: all, boundary: readOnly }, 'allowed identity:Allow'],
    ['a boundary grants nothing', { boundary: all }, 'implicitDeny identity'],
    ['a boundary that is silent', { identity: all, boundary: policy(allow('ec2:*')) }, 'implicitDeny boundary'],
    [
      'a boundary that denies',
      { identity: all, boundary: [...all, ...policy(deny('s3:*'))] },
      'explicitDeny boundary:Deny',
    ],
    ['a session policy that allows', { by: session, identity: all, session: readOnly }, 'allowed identity:Allow'],
    ['a session policy grants nothing', { by: session, session: all }, 'implicitDeny identity'],
    [
      'a session policy that is silent',
      { by: session, identity: all, session: policy(allow('ec2:*')) },
      'implicitDeny session',
    ],
    [
      'a session policy that denies',
      { by: session, identity: all, session: [...all, ...policy(deny('s3:*'))] },
      'explicitDeny session:Deny',
    ],
    ['all three', { by: session, identity: all, boundary: readOnly, session: readOnly }, 'allowed identity:Allow'],
    ['an empty list is no boundary', { identity: all, boundary: [] }, 'allowed identity:Allow'],
  ],
  'service control policies': [
    ['every level allows', { identity: all, serviceControl: [all, readOnly] }, 'allowed identity:Allow'],
    [
      'one level is silent',
      { identity: all, serviceControl: [all, policy(allow('ec2:*'))] },
      'implicitDeny serviceControl',
    ],
    ['a level without policies', { identity: all, serviceControl: [all, []] }, 'implicitDeny serviceControl'],
    [
      'one level denies',
      { identity: all, serviceControl: [all, [...all, ...policy(deny('s3:*'))]] },
      'explicitDeny serviceControl:Deny',
    ],
    [
      'a deny unless it is the responder',
      {
        identity: all,
        serviceControl: [
          [...all, ...policy(deny('s3:*', when('ArnNotLike', 'aws:PrincipalArn', 'arn:aws:iam::*:role/cordon-*')))],
        ],
      },
      'explicitDeny serviceControl:Deny',
    ],
    [
      'it is the responder',
      {
        by: { ...session, roleArn: `arn:aws:iam::${home}:role/cordon-writer` },
        identity: all,
        serviceControl: [
          [...all, ...policy(deny('s3:*', when('ArnNotLike', 'aws:PrincipalArn', 'arn:aws:iam::*:role/cordon-*')))],
        ],
      },
      'allowed identity:Allow',
    ],
    [
      'they limit resource grants',
      { resource: grantTo({ AWS: user.arn }), serviceControl: [policy(allow('ec2:*'))] },
      'implicitDeny serviceControl',
    ],
    ['they limit root', { by: root, serviceControl: [policy(allow('ec2:*'))] }, 'implicitDeny serviceControl'],
    [
      'they do not limit services',
      { by: service, resource: grantTo({ Service: service.arn }), serviceControl: [policy(deny('*'))] },
      'allowed resource:Allow',
    ],
    [
      'they do not limit strangers',
      { by: anonymous, resource: grantTo('*'), serviceControl: [policy(deny('*'))] },
      'allowed resource:Allow',
    ],
  ],
  'root and strangers': [
    ['root may', { by: root }, 'allowed'],
    ['root has no boundary', { by: root, boundary: policy(deny('*')) }, 'allowed'],
    ['root in a task session', { by: root, session: policy(allow('s3:DeleteBucketPolicy')) }, 'implicitDeny session'],
    [
      'a resource policy may deny root',
      { by: root, resource: policy(deny('*', { Principal: '*' })) },
      'explicitDeny resource:Deny',
    ],
    ['anonymous may not', { by: anonymous, identity: all }, 'implicitDeny resource'],
    ['anonymous, where everybody may', { by: anonymous, resource: grantTo('*') }, 'allowed resource:Allow'],
    ['anonymous, where an account may', { by: anonymous, resource: grantTo({ AWS: home }) }, 'implicitDeny resource'],
    [
      'a service that is named',
      { by: service, resource: grantTo({ Service: [service.arn] }) },
      'allowed resource:Allow',
    ],
    [
      'a service that is not',
      { by: service, resource: grantTo({ Service: 'config.amazonaws.com' }) },
      'implicitDeny resource',
    ],
    [
      'a deny that spares services',
      {
        by: service,
        resource: [
          ...grantTo({ Service: service.arn }),
          ...policy(deny('*', { Principal: '*', ...when('Bool', 'aws:PrincipalIsAWSService', false) })),
        ],
      },
      'allowed resource:Allow',
    ],
  ],
};

describe.each(Object.entries(rows))('%s', (_, table) => {
  test.each(table)('%s', (_what, given, verdict) => {
    expect(decide(given)).toBe(verdict);
  });
});

test('a statement without a Sid is named by its kind only', () => {
  expect(decide({ identity: policy(without('Sid', allow('*'))) })).toBe('allowed identity');
});

test('before version 2012-10-17 a variable in a resource is plain text', () => {
  const statement = allow('*', { Resource: `arn:aws:iam::${home}:user/team/\${aws:username}` });
  const identity = [parsePolicy(JSON.stringify({ Statement: statement }))];
  expect(decide({ does: 'iam:GetUser', on: user.arn, identity })).toBe('implicitDeny identity');
});
