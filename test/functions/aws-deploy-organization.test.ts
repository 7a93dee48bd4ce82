import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { memberTemplateIn } from '../../shared/generate/member-template.ts';
import { own } from '../../shared/model/json.ts';
import { PolicyDocument } from '../../shared/policy/document.ts';
import { evaluate } from '../../shared/policy/evaluate.ts';
import { readTagged, type Resource, stackOf } from '../support/cloud-formation.ts';
import { home, policiesOf, sessionOf } from '../support/stack-rights.ts';

const folder = new URL('../../functions/aws/deploy/', import.meta.url);
const textOf = (name: string): string => readFileSync(new URL(name, folder), 'utf8');
const member = '111122223333';
const organization = 'o-northwind01';

const everything = PolicyDocument.parse({
  Version: '2012-10-17',
  Statement: { Effect: 'Allow', Action: '*', Resource: '*' },
});

type Asked = {
  readonly action: string;
  readonly on: string;
  readonly by: string;
  readonly account?: string;
  readonly context?: Readonly<Record<string, string | readonly string[]>>;
  readonly resource?: readonly PolicyDocument[];
  readonly identity?: readonly PolicyDocument[];
  readonly boundary?: readonly PolicyDocument[];
};

/** What AWS would answer a role, by default one that may do everything in its own account. */
const decision = ({ action, on, by, account = member, context = {}, ...policies }: Asked): string =>
  evaluate({
    identity: [everything],
    ...policies,
    request: { principal: sessionOf(by, account), action, resource: on, resourceAccount: member, context },
  }).decision;

const externalId = 'northwind-cordon-7f3a91c2';
const roleArn = (name: string): string => `arn:aws:iam::${home}:role/${name}`;
const readers = ['run', 'schedule', 'request'].map((name) => roleArn(`cordon-production-${name}`));
const writers = ['run', 'schedule'].map((name) => roleArn(`cordon-production-${name}`));
const memberStack = (WriterRoles: readonly string[]): Readonly<Record<string, Resource>> =>
  stackOf(readTagged(textOf('member.yml')), {
    account: member,
    parameters: { HomeAccount: home, ExternalId: externalId, ReaderRoles: readers, WriterRoles },
    conditions: { HasWriter: WriterRoles.length > 0 },
  });
const stack = memberStack(writers);

const documentOf = (resource: Resource | undefined): PolicyDocument =>
  PolicyDocument.parse(resource?.Properties['PolicyDocument']);
const policyCalled = (arn: unknown): Resource | undefined => Object.values(stack).find((one) => one.arn === arn);
const attached = (role: string): readonly PolicyDocument[] =>
  z
    .array(z.string())
    .parse(stack[role]?.Properties['ManagedPolicyArns'])
    .map((arn) => documentOf(policyCalled(arn)));
const boundaryOf = (role: string): readonly PolicyDocument[] => [
  documentOf(policyCalled(stack[role]?.Properties['PermissionsBoundary'])),
];

describe('the roles of a member account', () => {
  const trust = (role: string) => [PolicyDocument.parse(stack[role]?.Properties['AssumeRolePolicyDocument'])];
  const assumes = (
    role: string,
    by: string,
    context: Asked['context'] = {},
    account = home,
    action = 'sts:AssumeRole',
  ) =>
    decision({
      action,
      on: `arn:aws:iam::${member}:role/${role}`,
      by,
      account,
      resource: trust(role),
      context: { 'sts:ExternalId': externalId, 'sts:RoleSessionName': 'cordon-esfefnkl6bju4a5ubs56es2es7', ...context },
    });

  it.each([
    ['CordonReader', 'cordon-production-run', 'allowed'],
    ['CordonReader', 'cordon-production-request', 'allowed'],
    ['CordonReader', 'cordon-production-event', 'implicitDeny'],
    ['CordonReader', 'cordon-staging-run', 'implicitDeny'],
    ['CordonWriter', 'cordon-production-run', 'allowed'],
    ['CordonWriter', 'cordon-production-schedule', 'allowed'],
    ['CordonWriter', 'cordon-production-request', 'implicitDeny'],
    ['CordonWriter', 'administrator', 'implicitDeny'],
  ])('%s is for %s: %s', (role, by, expected) => {
    expect(assumes(role, by)).toBe(expected);
  });

  it.each([
    ['without the external id', { 'sts:ExternalId': 'another-organisation-0001' }],
    ['under a session name that is not Cordon’s', { 'sts:RoleSessionName': 'maria' }],
    ['under a source identity that is not Cordon’s', { 'sts:SourceIdentity': 'maria' }],
  ])('nobody takes them %s', (_, context) => {
    expect(assumes('CordonWriter', 'cordon-production-run', context)).toBe('implicitDeny');
  });

  it('takes a source identity of Cordon, which stays with every session made of this one', () => {
    const sets = { 'sts:SourceIdentity': 'cordon-azure' };
    expect(assumes('CordonWriter', 'cordon-production-run', sets)).toBe('allowed');
    expect(assumes('CordonWriter', 'cordon-production-run', sets, home, 'sts:SetSourceIdentity')).toBe('allowed');
  });

  it('a role of the same name in another account does not take them', () => {
    expect(assumes('CordonWriter', 'cordon-production-run', {}, '444455556666')).not.toBe('allowed');
  });

  it('there is no writer where none is wanted, and the rest is the same', () => {
    const readOnly = memberStack([]);
    expect(Object.keys(readOnly).filter((id) => id.startsWith('CordonWriter'))).toEqual([]);
    expect(Object.keys(readOnly)).toEqual(Object.keys(stack).filter((id) => !id.startsWith('CordonWriter')));
  });

  it('say what the compiled policies say, in documents that IAM takes', async () => {
    expect((await memberTemplateIn(new URL('../../', import.meta.url))).text).toBe(textOf('member.yml'));
    const compiled = z.record(z.string(), z.array(z.unknown())).parse(JSON.parse(textOf('member-policies.json')));
    for (const [role, documents] of [
      ['CordonReader', compiled['reader']],
      ['CordonWriter', compiled['writer']],
    ] as const) {
      const filled = JSON.stringify(documents).replaceAll('{partition}', 'aws').replaceAll('{account}', member);
      expect(attached(role)).toEqual(z.array(PolicyDocument).parse(JSON.parse(filled)));
      for (const document of [...attached(role), ...boundaryOf(role)])
        expect(JSON.stringify(document).length).toBeLessThan(6_144);
      expect(attached(role).length).toBeLessThanOrEqual(10);
    }
  });

  it('can do no more than their policies name, even where somebody attaches an administrator’s', () => {
    const grown = (role: string, action: string, on: string) =>
      decision({ action, on, by: role, boundary: boundaryOf(role), context: { 'aws:userid': 'AROA:cordon-x' } });
    const user = `arn:aws:iam::${member}:user/ci-deploy`;
    expect(grown('CordonWriter', 'iam:UpdateAccessKey', user)).toBe('allowed');
    expect(grown('CordonWriter', 'iam:CreateAccessKey', user)).toBe('implicitDeny');
    expect(grown('CordonWriter', 'organizations:LeaveOrganization', '*')).toBe('implicitDeny');
    expect(grown('CordonReader', 'iam:UpdateAccessKey', user)).toBe('implicitDeny');
    const atHome = ['run', 'schedule', 'home', 'from-azure'].map((name) => `cordon-production-${name}`);
    for (const role of ['CordonWriter', 'CordonReader', 'stacksets-exec-0a1b', ...atHome])
      for (const action of ['iam:PutRolePolicy', 'iam:UpdateAssumeRolePolicy', 'iam:PassRole'])
        expect(grown('CordonWriter', action, `arn:aws:iam::${member}:role/${role}`)).toBe('explicitDeny');
    expect(grown('CordonWriter', 'iam:PutRolePolicy', `arn:aws:iam::${member}:role/web-server`)).toBe('allowed');
  });

  it('are small enough to be deployed from a file, without S3', () => {
    expect(Buffer.byteLength(textOf('member.yml'))).toBeLessThan(51_200);
  });

  it('the reader changes nothing', () => {
    const actions = attached('CordonReader').flatMap(({ Statement }) => Statement.flatMap(({ Action = [] }) => Action));
    const reading = /:(Get|List|Describe|Simulate)/;
    expect(actions.length).toBeGreaterThan(20);
    expect(actions.filter((action) => !reading.test(action))).toEqual([]);
  });

  it('the quarantine denies an identity everything', () => {
    const quarantine = documentOf(stack['CordonQuarantine']);
    expect(stack['CordonQuarantine']?.Properties['ManagedPolicyName']).toBe('CordonQuarantine');
    expect(
      decision({ action: 's3:ListAllMyBuckets', on: '*', by: 'web-server', identity: [everything, quarantine] }),
    ).toBe('explicitDeny');
  });
});

describe('the log archive', () => {
  const archive = stackOf(readTagged(textOf('log-archive.yml')), {
    account: member,
    parameters: { HomeAccount: home },
  });
  const bucket = archive['Evidence']?.arn ?? '';
  const policy = [PolicyDocument.parse(archive['EvidencePolicy']?.Properties['PolicyDocument'])];
  const once = { 's3:if-none-match': '*', 'aws:SecureTransport': 'true' };
  const asks = (action: string, key: string, by: string, context: Asked['context'] = once, account = home) =>
    decision({ action, on: `${bucket}${key}`, by, account, context, resource: policy });

  it('takes an object once from the functions of the stage, and lets them read it', () => {
    expect(asks('s3:PutObject', '/0a', 'cordon-production-run')).toBe('allowed');
    expect(asks('s3:GetObject', '/0a', 'cordon-production-run')).toBe('allowed');
    expect(asks('s3:ListBucket', '', 'cordon-production-run')).toBe('allowed');
    expect(asks('s3:PutObjectRetention', '/anchors/1.json', 'cordon-production-schedule')).toBe('allowed');
    expect(asks('s3:PutObject', '/0a', 'cordon-production-run', { 'aws:SecureTransport': 'true' })).toBe(
      'explicitDeny',
    );
    expect(asks('s3:PutObject', '/0a', 'cordon-staging-run')).toBe('implicitDeny');
    expect(asks('s3:PutObject', '/0a', 'administrator')).toBe('implicitDeny');
  });

  it.each(['s3:DeleteObject', 's3:DeleteObjectVersion', 's3:BypassGovernanceRetention'])('lets nobody %s', (action) => {
    expect(asks(action, '/0a', 'cordon-production-run')).toBe('explicitDeny');
    expect(asks(action, '/0a', 'administrator', once, member)).toBe('explicitDeny');
  });

  it('locks what it takes, and outlives its stack', () => {
    expect(archive['Evidence']).toMatchObject({
      DeletionPolicy: 'Retain',
      Properties: {
        ObjectLockEnabled: true,
        ObjectLockConfiguration: { Rule: { DefaultRetention: { Mode: 'COMPLIANCE' } } },
        BucketName: `cordon-evidence-${member}-production`,
      },
    });
  });
});

describe('the quarantine', () => {
  const stack = stackOf(readTagged(textOf('quarantine.yml')), {
    account: member,
    parameters: { OrganizationId: organization },
  });
  const bucket = stack['Quarantine']?.arn ?? '';
  const policy = [PolicyDocument.parse(stack['QuarantinePolicy']?.Properties['PolicyDocument'])];
  const copy = '/cordon-quarantine/northwind-uploads/abc';
  const inside = { 'aws:PrincipalOrgID': organization, 'aws:SecureTransport': 'true' };
  const asks = (action: string, key: string, by: string, context: Asked['context'] = inside, account = home) =>
    decision({ action, on: `${bucket}${key}`, by, account, context, resource: policy });

  it.each(['s3:PutObject', 's3:PutObjectTagging', 's3:GetObject', 's3:DeleteObject'])(
    'lets the writers of the organization %s under their own prefix, and nobody else',
    (action) => {
      expect(asks(action, copy, 'CordonWriter')).toBe('allowed');
      expect(asks(action, '/elsewhere', 'CordonWriter')).toBe('implicitDeny');
      expect(asks(action, copy, 'CordonReader')).not.toBe('allowed');
      expect(asks(action, copy, 'administrator')).not.toBe('allowed');
      expect(asks(action, copy, 'CordonWriter', { ...inside, 'aws:PrincipalOrgID': 'o-somebodyelse' })).toBe(
        'implicitDeny',
      );
    },
  );

  it('lets reader and writer see what is there', () => {
    expect(asks('s3:ListBucket', '', 'CordonReader')).toBe('allowed');
    expect(asks('s3:ListBucket', '', 'CordonWriter')).toBe('allowed');
    expect(asks('s3:ListBucket', '', 'administrator')).toBe('implicitDeny');
  });

  it('lets no administrator of its own account read malware, only who examines it', () => {
    expect(asks('s3:GetObject', copy, 'administrator', inside, member)).toBe('explicitDeny');
    expect(asks('s3:GetObject', copy, 'CordonAnalyst', inside, member)).not.toBe('explicitDeny');
  });
});

describe('the buses at home', () => {
  const text = readFileSync(new URL('../../serverless.yml', import.meta.url), 'utf8');
  const [Resources] = z
    .object({ resources: z.array(z.unknown()) })
    .parse(readTagged(text))
    .resources.flatMap((part) => own(part, 'Resources') ?? []);
  const buses = stackOf(
    JSON.parse(
      JSON.stringify({ Resources })
        .replaceAll('${param:organizationId}', organization)
        .replaceAll('${self:service}-${sls:stage}', 'cordon-production'),
    ),
    { conditions: { HasOrganization: true, KeepsEvidence: true } },
  );
  const policyOf = (id: string) => [
    PolicyDocument.parse({ Version: '2012-10-17', Statement: buses[id]?.Properties['Statement'] }),
  ];
  const abroad = '444455556666';
  const puts = (by: string, bus: 'Bus' | 'AzureBus', account = abroad, org = organization) =>
    evaluate({
      identity: [everything],
      resource: policyOf(`${bus}Policy`),
      request: {
        principal: sessionOf(by, account),
        action: 'events:PutEvents',
        resource: buses[bus]?.arn ?? '',
        resourceAccount: home,
        context: { 'aws:PrincipalOrgID': org },
      },
    }).decision;

  it('take events from the forwarders of the organisation alone', () => {
    expect(puts('CordonForwarder-eu-west-1', 'Bus')).toBe('allowed');
    expect(puts('CordonForwarder-eu-west-1', 'Bus', abroad, 'o-somebodyelse')).toBe('implicitDeny');
    expect(puts('administrator', 'Bus')).toBe('implicitDeny');
  });

  it('take what is handed on from Azure from its one role alone', () => {
    expect(puts('cordon-production-from-azure', 'AzureBus', home)).toBe('allowed');
    expect(puts('administrator', 'AzureBus', home)).toBe('explicitDeny');
    expect(puts('CordonForwarder-eu-west-1', 'AzureBus')).toBe('explicitDeny');
  });
});

describe('the roles for Azure', () => {
  const tenant = 'b0000000-0000-4000-8000-0000000000ff';
  const identity = 'b0000000-0000-4000-8000-00000000c0de';
  const roles = stackOf(readTagged(textOf('from-azure.yml')), {
    account: home,
    parameters: {
      Tenant: tenant,
      Audience: 'api://cordon-aws',
      ForwardingIdentity: identity,
      Provider: 'arn:aws:iam::x:oidc',
    },
  });

  it('trust one identity, with a token for Cordon alone', () => {
    const trust = z
      .string()
      .transform((json): unknown => JSON.parse(json))
      .parse(roles['Forwarding']?.Properties['AssumeRolePolicyDocument']);
    expect(own(trust, 'Statement')).toEqual([
      {
        Effect: 'Allow',
        Principal: { Federated: 'arn:aws:iam::x:oidc' },
        Action: 'sts:AssumeRoleWithWebIdentity',
        Condition: {
          StringEquals: {
            [`sts.windows.net/${tenant}/:aud`]: 'api://cordon-aws',
            [`sts.windows.net/${tenant}/:sub`]: identity,
          },
          StringLike: { 'sts:RoleSessionName': 'cordon-*' },
        },
      },
    ]);
    expect(Object.keys(roles)).toEqual(['Forwarding']);
  });

  it('put events on the bus for Azure and on no other', () => {
    const puts = (bus: string) =>
      decision({
        action: 'events:PutEvents',
        on: `arn:aws:events:eu-west-1:${home}:event-bus/${bus}`,
        by: 'cordon-production-from-azure',
        identity: policiesOf(roles['Forwarding']),
      });
    expect(['cordon-production-azure', 'cordon-production', 'default'].map(puts)).toEqual([
      'allowed',
      'implicitDeny',
      'implicitDeny',
    ]);
  });
});

describe('the organisation', () => {
  const sets = stackOf(readTagged(textOf('organization.yml')), {
    parameters: {
      Units: ['r-ab12'],
      Regions: ['eu-west-1', 'us-east-1'],
      TemplatesUrl: 'https://templates.example/cordon',
      HomeAccount: home,
      HomeRegion: 'eu-west-1',
      HomeBus: 'cordon-staging',
      ExternalId: externalId,
      ReaderRoles: readers,
    },
  });

  it('hands every stack the parameters that its template has', () => {
    for (const [set, file] of [
      ['Members', 'member.yml'],
      ['Forwarders', 'forwarder.yml'],
    ] as const) {
      const { TemplateURL, Parameters } = sets[set]?.Properties ?? {};
      expect(TemplateURL).toBe(`https://templates.example/cordon/${file}`);
      const given = z
        .array(z.object({ ParameterKey: z.string() }))
        .parse(Parameters)
        .map(({ ParameterKey }) => ParameterKey);
      expect(given).toEqual(Object.keys(Object(own(readTagged(textOf(file)), 'Parameters'))));
    }
  });

  it('makes roles in one region and forwarders in all of them, also for accounts that join later', () => {
    const regions = ['Members', 'Forwarders'].map((set) =>
      own(own(sets[set]?.Properties['StackInstancesGroup'], '0'), 'Regions'),
    );
    expect(regions).toEqual([['eu-west-1'], ['eu-west-1', 'us-east-1']]);
    for (const { Properties } of Object.values(sets))
      expect(Properties).toMatchObject({ PermissionModel: 'SERVICE_MANAGED', AutoDeployment: { Enabled: true } });
  });
});
