import { describe, expect, it } from 'vitest';
import { type AwsPlace, compileAws } from '../../shared/policy/compile-aws.ts';
import { parsePolicy } from '../../shared/policy/document.ts';
import { evaluate } from '../../shared/policy/evaluate.ts';
import type { Need } from '../../shared/policy/grants.ts';
import { charactersOf, managedPolicyCharacters } from '../../shared/policy/split.ts';

const account = '111122223333';
const place: AwsPlace = {
  partition: 'aws',
  account,
  regions: [],
  values: {},
  readerRole: 'CordonReader',
  writerRole: 'CordonWriter',
  homePrincipals: ['arn:aws:iam::999988887777:role/cordon-home'],
};
const user = 'arn:{partition}:iam::{account}:user/{userName}';
const need = (purpose: string, allow: string, on: string): Need => ({ purpose, grant: { allow, on } });
const documentsOf = (reader: readonly Need[], where: Partial<AwsPlace> = {}) =>
  compileAws({ reader, writer: [] }, { ...place, ...where }).reader.documents;
const statementsOf = (reader: readonly Need[], where: Partial<AwsPlace> = {}) =>
  documentsOf(reader, where).flatMap(({ Statement }) => Statement);

describe('the policies of a role', () => {
  it('name what is known, leave open what only a finding tells, and say in the Sid what a right is for', () => {
    expect(statementsOf([need('aws.iam.disable-access-key', 'iam:ListAccessKeys', user)])).toEqual([
      {
        Sid: 'IamDisableAccessKey',
        Effect: 'Allow',
        Action: ['iam:ListAccessKeys'],
        Resource: [`arn:aws:iam::${account}:user/*`],
      },
    ]);
  });

  it('hold a right once, under the wider of two resources, for all that it is for', () => {
    const needs = [
      need('aws.iam.disable-access-key', 'iam:GetUser', user),
      need('inspect aws.iam.user', 'iam:GetUser', 'arn:{partition}:iam::{account}:user/*/{userName}'),
    ];
    const [statement, ...more] = statementsOf(needs);
    expect(more).toEqual([]);
    expect(statement).toMatchObject({ Sid: 'IamDisableAccessKeyAndInspectIamUser', Resource: [expect.any(String)] });
  });

  it('are the same in whatever order the needs come', () => {
    const needs = [
      need('b', 'ec2:DescribeTags', '*'),
      need('a', 'iam:GetUser', user),
      need('a', 'iam:GetRole', 'arn:{partition}:iam::{account}:role/{roleName}'),
    ];
    expect(documentsOf([...needs].reverse())).toEqual(documentsOf(needs));
    for (const document of documentsOf(needs)) expect(parsePolicy(JSON.stringify(document))).toEqual(document);
  });

  it('name no resource only in sessions of runs, and in the regions that are known but for services of none', () => {
    const needs = [need('a', 'ec2:DescribeTags', '*'), need('a', 'iam:GetAccountSummary', '*')];
    const conditions = statementsOf(needs, { regions: ['eu-west-1'] }).map(({ Sid, Condition }) => [Sid, Condition]);
    const ofRuns = { StringLike: { 'aws:userid': ['*:cordon-*'] } };
    expect(Object.fromEntries(conditions)).toEqual({
      Ec2OnAny: { ...ofRuns, StringEquals: { 'aws:RequestedRegion': ['eu-west-1'] } },
      IamOnAny: ofRuns,
    });
  });

  it('name each region that is known, where a resource has one', () => {
    const [statement] = statementsOf(
      [need('a', 'ec2:DescribeInstanceAttribute', 'arn:{partition}:ec2:{region}:{account}:instance/{instanceId}')],
      { regions: ['eu-west-1', 'us-east-1'] },
    );
    expect(statement?.Resource).toEqual([
      `arn:aws:ec2:eu-west-1:${account}:instance/*`,
      `arn:aws:ec2:us-east-1:${account}:instance/*`,
    ]);
  });

  it('reach buckets of the account alone, though their ARNs say none', () => {
    const [statement] = statementsOf([need('a', 's3:GetBucketTagging', 'arn:{partition}:s3:::{bucket}')]);
    expect(statement?.Condition).toEqual({ StringEquals: { 'aws:ResourceAccount': [account] } });
  });

  it('are split under the limit of characters, with no right lost', () => {
    const needs = Array.from({ length: 300 }, (_, at) =>
      need(`action-${at}`, `iam:Get${at}`, `arn:{partition}:iam::{account}:role/role-${at}-{roleName}`),
    );
    const documents = documentsOf(needs);
    expect(documents.length).toBeGreaterThan(3);
    for (const document of documents) expect(charactersOf(document)).toBeLessThanOrEqual(managedPolicyCharacters);
    const actions = documents.flatMap(({ Statement }) => Statement.flatMap(({ Action = [] }) => Action));
    expect(actions.sort()).toEqual(needs.map(({ grant }) => grant.allow).sort());
  });

  it('split one statement that is too long by itself', () => {
    const needs = Array.from({ length: 200 }, (_, at) =>
      need('one', 'iam:GetRole', `arn:aws:iam::1:role/${at}-${'x'.repeat(30)}`),
    );
    const documents = documentsOf(needs);
    for (const document of documents) expect(charactersOf(document)).toBeLessThanOrEqual(managedPolicyCharacters);
    const statements = documents.flatMap(({ Statement }) => Statement);
    expect(new Set(statements.map(({ Sid }) => Sid)).size).toBe(statements.length);
    expect(statements.flatMap(({ Resource = [] }) => Resource)).toHaveLength(200);
  });
});

describe('the writer', () => {
  const role = 'arn:{partition}:iam::{account}:role/{roleName}';
  const { documents } = compileAws(
    {
      reader: [],
      writer: [
        need('aws.iam.revoke-role-sessions', 'iam:PutRolePolicy', role),
        need(
          'stop',
          'lambda:PutFunctionConcurrency',
          'arn:{partition}:lambda:{region}:{account}:function:{functionName}',
        ),
        need('take away', 's3:DeleteObjectVersion', 'arn:{partition}:s3:::{bucket}/{key}'),
        need(
          'write back',
          'securityhub:BatchUpdateFindings',
          'arn:{partition}:securityhub:{region}:{account}:hub/default',
        ),
      ],
    },
    place,
  ).writer;
  const decide = (action: string, resource: string, context: Record<string, string> = {}) =>
    evaluate({
      identity: documents,
      request: {
        principal: {
          arn: `arn:aws:sts::${account}:assumed-role/CordonWriter/cordon-run`,
          account,
          type: 'role-session',
          userId: 'AROAWRITER:cordon-run',
        },
        action,
        resource,
        resourceAccount: account,
        context,
      },
    }).decision;

  it('ends sessions of any role but Cordon’s own and those the organisation is run by', () => {
    expect(decide('iam:PutRolePolicy', `arn:aws:iam::${account}:role/app/deploy`)).toBe('allowed');
    const own = [
      'CordonWriter',
      'CordonReader',
      'CordonForwarder-eu-west-1',
      'cordon-production-run',
      'cordon-staging-home',
    ];
    for (const name of [...own, 'OrganizationAccountAccessRole', 'stacksets-exec-1a2b'])
      expect(decide('iam:PutRolePolicy', `arn:aws:iam::${account}:role/${name}`)).toBe('explicitDeny');
    expect(decide('iam:PutRolePolicy', 'arn:aws:iam::999988887777:role/cordon-home')).toBe('explicitDeny');
  });

  it('touches neither Cordon’s functions nor its evidence', () => {
    expect(decide('lambda:PutFunctionConcurrency', `arn:aws:lambda:eu-west-1:${account}:function:checkout`)).toBe(
      'allowed',
    );
    expect(decide('s3:DeleteObjectVersion', 'arn:aws:s3:::uploads/a', { 'aws:ResourceAccount': account })).toBe(
      'allowed',
    );
    const own = `arn:aws:lambda:eu-west-1:${account}:function:cordon-production-on-run`;
    expect(decide('lambda:PutFunctionConcurrency', own)).toBe('explicitDeny');
    const evidence = `arn:aws:s3:::cordon-evidence-${account}-production/anchors/1.json`;
    expect(decide('s3:DeleteObjectVersion', evidence, { 'aws:ResourceAccount': account })).toBe('explicitDeny');
  });

  it('notes on a finding and never suppresses one', () => {
    const hub = `arn:aws:securityhub:eu-west-1:${account}:hub/default`;
    const status = (value: string) => ({ 'securityhub:ASFFSyntaxPath/Workflow.Status': value });
    expect(decide('securityhub:BatchUpdateFindings', hub, status('NOTIFIED'))).toBe('allowed');
    expect(decide('securityhub:BatchUpdateFindings', hub, status('SUPPRESSED'))).toBe('explicitDeny');
  });
});
