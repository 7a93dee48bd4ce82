import {
  AttachUserPolicyCommand,
  type ContextEntry,
  GetAccountSummaryCommand,
  GetPolicyCommand,
  GetRoleCommand,
  GetUserCommand,
  IAMClient,
  paginateSimulatePrincipalPolicy,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
  SimulatePrincipalPolicyCommand,
} from '@aws-sdk/client-iam';
import { describe, expect, it } from 'vitest';
import { Estate } from '../../shared/sandbox/estate.ts';
import { createSandbox } from '../../shared/sandbox/sandbox.ts';
import { holding, refusal } from '../support/attacker.ts';

const account = '111122223333';
const arn = (resource: string) => `arn:aws:iam::${account}:${resource}`;
const deny = (condition?: object) => ({
  Effect: 'Deny',
  Action: '*',
  Resource: '*',
  ...(condition && { Condition: condition }),
});
const text = (...statements: readonly object[]) => JSON.stringify({ Version: '2012-10-17', Statement: statements });
const trust = [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }];
const cutoff = { DateLessThan: { 'aws:TokenIssueTime': '2026-01-01T00:00:00Z' } };
const eleven = Array.from({ length: 11 }, (_, at) => ({ name: `p${at}`, document: [deny()] }));

function play() {
  const sandbox = createSandbox(
    Estate.parse({
      name: 'IAM',
      now: '2026-01-01T00:00:00.000Z',
      aws: {
        accounts: {
          [account]: {
            name: 'own',
            policies: eleven,
            groups: [{ name: 'developers', inline: { develop: { allow: ['ec2:*'] } } }],
            users: [
              { name: 'admin', keys: [{ id: 'AKIAOWN0000000000001', secret: 's' }], inline: { all: { allow: ['*'] } } },
              { name: 'bob', path: '/eng/', groups: ['developers'], inline: { own: { allow: ['s3:*'] } } },
            ],
            roles: [
              { name: 'web', roleId: 'AROAWEB', trust, inline: { all: { allow: ['*'] }, old: [deny(cutoff)] } },
              { name: 'sso', path: '/aws-reserved/sso.amazonaws.com/', roleId: 'AROASSO', trust },
              { name: 'linked', path: '/aws-service-role/x.amazonaws.com/', roleId: 'AROASLR', trust },
            ],
          },
        },
      },
    }),
  );
  const client = new IAMClient(holding(sandbox, 'AKIAOWN0000000000001'));
  const attach = (at: number | string) =>
    client.send(new AttachUserPolicyCommand({ UserName: 'bob', PolicyArn: arn(`policy/p${at}`) }));
  const decide = async (entity: string, action: string, ContextEntries: ContextEntry[] = []) => {
    const input = { PolicySourceArn: arn(entity), ActionNames: [action], ContextEntries };
    const { EvaluationResults = [] } = await client.send(new SimulatePrincipalPolicyCommand(input));
    return EvaluationResults[0]?.EvalDecision;
  };
  return { sandbox, client, attach, decide };
}

it('answers with tags only where a user or a role has some, as IAM does', async () => {
  const { client } = play();
  expect((await client.send(new GetUserCommand({ UserName: 'bob' }))).User).not.toHaveProperty('Tags');
  expect((await client.send(new GetRoleCommand({ RoleName: 'web' }))).Role).not.toHaveProperty('Tags');
});

describe('managed policies', () => {
  it('are described, with how often they are attached', async () => {
    const { client, attach } = play();
    await attach(0);
    const { Policy } = await client.send(new GetPolicyCommand({ PolicyArn: arn('policy/p0') }));
    expect(Policy).toMatchObject({ PolicyName: 'p0', AttachmentCount: 1, IsAttachable: true });
    expect(await refusal(client.send(new GetPolicyCommand({ PolicyArn: arn('policy/none') })))).toBe(
      'NoSuchEntityException',
    );
  });

  it('are attached up to the quota that the account tells', async () => {
    const { client, attach } = play();
    const { SummaryMap } = await client.send(new GetAccountSummaryCommand({}));
    expect(SummaryMap?.AttachedPoliciesPerUserQuota).toBe(10);
    for (let at = 0; at < 10; at += 1) await attach(at);
    await attach(0);
    expect(await refusal(attach(10))).toBe('LimitExceededException');
    expect(await refusal(attach('none'))).toBe('NoSuchEntityException');
  });
});

describe('inline policies', () => {
  const put = (PolicyDocument: string) =>
    new PutUserPolicyCommand({ UserName: 'bob', PolicyName: 'p', PolicyDocument });

  it.each([
    ['no JSON', '{'],
    ['no statement', '{"Version":"2012-10-17"}'],
    ['a principal', text({ ...deny(), Principal: '*' })],
    ['an operator that AWS does not have', text(deny({ StringIs: { 'aws:userid': 'x' } }))],
  ])('are refused with %s', async (_, document) => {
    expect(await refusal(play().client.send(put(document)))).toBe('MalformedPolicyDocumentException');
  });

  it('of a user have 2,048 characters together, white space not counted', async () => {
    const { client } = play();
    await client.send(put(text(deny()) + ' '.repeat(3_000)));
    const Resource = Array.from({ length: 60 }, (_, at) => `arn:aws:s3:::${'long-name-'.repeat(4)}${at}`);
    expect(await refusal(client.send(put(text({ ...deny(), Resource }))))).toBe('LimitExceededException');
  });

  it.each(['sso', 'linked'])('are not written into the role %s, which AWS keeps for itself', async (RoleName) => {
    const command = new PutRolePolicyCommand({ RoleName, PolicyName: 'p', PolicyDocument: text(deny()) });
    expect(await refusal(play().client.send(command))).toBe('UnmodifiableEntityException');
  });
});

describe('the policy simulator', () => {
  const at = (value: string): ContextEntry => ({
    ContextKeyName: 'aws:TokenIssueTime',
    ContextKeyValues: [value],
    ContextKeyType: 'date',
  });

  it('judges a user by its own policies and those of its groups', async () => {
    const { decide, attach } = play();
    expect(await decide('user/eng/bob', 's3:GetObject')).toBe('allowed');
    expect(await decide('user/eng/bob', 'ec2:RunInstances')).toBe('allowed');
    expect(await decide('user/eng/bob', 'iam:CreateUser')).toBe('implicitDeny');
    await attach(3);
    expect(await decide('user/eng/bob', 's3:GetObject')).toBe('explicitDeny');
  });

  it('judges a role under the condition keys it is given', async () => {
    const { decide } = play();
    expect(await decide('role/web', 's3:GetObject', [at('2025-12-31T23:00:00Z')])).toBe('explicitDeny');
    expect(await decide('role/web', 's3:GetObject', [at('2026-01-01T01:00:00Z')])).toBe('allowed');
  });

  it('knows an entity by its whole ARN, and answers page by page', async () => {
    const { decide, client } = play();
    expect(await refusal(decide('user/bob', 's3:GetObject'))).toBe('NoSuchEntityException');
    const input = {
      PolicySourceArn: arn('role/web'),
      ActionNames: ['s3:GetObject', 'iam:GetUser', 'ec2:RunInstances'],
    };
    const pages = await Array.fromAsync(paginateSimulatePrincipalPolicy({ client, pageSize: 2 }, input));
    expect(pages.map(({ EvaluationResults = [] }) => EvaluationResults.length)).toEqual([2, 1]);
  });

  it('does not guess at what it does not model', async () => {
    const input = { PolicySourceArn: arn('role/web'), ActionNames: ['s3:GetObject'], ResourceArns: ['arn:aws:s3:::b'] };
    expect(await refusal(play().client.send(new SimulatePrincipalPolicyCommand(input)))).toBe('NotImplemented');
  });
});
