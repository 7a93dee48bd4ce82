import { describe, expect, test } from 'vitest';
import { parsePolicy } from '../../shared/policy/document.ts';
import { evaluate } from '../../shared/policy/evaluate.ts';
import {
  checkSessionPolicySize,
  compileStatements,
  type Grant,
  renderGrant,
  sessionPolicyCharacters,
} from '../../shared/policy/grants.ts';

const user = 'arn:{partition}:iam::{account}:user/{userName}';
const values = { partition: 'aws', account: '111122223333', userName: 'ci-bot' };

describe('a grant', () => {
  const rows: readonly [what: string, on: string, values: Record<string, string>, resource: string][] = [
    ['filled in', user, values, 'arn:aws:iam::111122223333:user/ci-bot'],
    ['with a value missing', user, { partition: 'aws' }, 'arn:aws:iam::*:user/*'],
    ['without placeholders', '*', values, '*'],
    ['with one placeholder twice', '{account}/{account}', { account: '1' }, '1/1'],
    ['with a name that looks inherited', '{constructor}', {}, '*'],
    ['with a star in a value', user, { ...values, userName: '*' }, 'arn:aws:iam::111122223333:user/${*}'],
    [
      'with a variable in a value',
      user,
      { ...values, userName: '${a:b}?' },
      'arn:aws:iam::111122223333:user/${$}{a:b}${?}',
    ],
    ['with a placeholder in a value', '{a}', { a: '{account}', account: '1' }, '{account}'],
    ['with a policy variable of its own', 'x/${username}', { username: 'ann' }, 'x/${username}'],
  ];
  test.each(rows)('%s', (_, on, given, resource) => {
    expect(renderGrant({ allow: 'iam:GetUser', on }, given)).toEqual({ action: 'iam:GetUser', resource });
  });
});

describe('a session policy', () => {
  const grants: readonly Grant[] = [
    { allow: 'iam:UpdateAccessKey', on: user },
    { allow: 'iam:ListAccessKeys', on: user },
    { allow: 'ec2:DescribeInstances', on: '*' },
    { allow: 'iam:ListAccessKeys', on: user },
    { allow: 'iam:UpdateAccessKey', on: 'arn:aws:iam::111122223333:user/ann' },
    { allow: 'iam:ListAccessKeys', on: 'arn:aws:iam::111122223333:user/ann' },
  ];
  const document = compileStatements(grants, values);

  test('groups, sorts and repeats nothing', () => {
    expect(document).toEqual({
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Allow', Action: ['ec2:DescribeInstances'], Resource: ['*'] },
        {
          Effect: 'Allow',
          Action: ['iam:ListAccessKeys', 'iam:UpdateAccessKey'],
          Resource: ['arn:aws:iam::111122223333:user/ann', 'arn:aws:iam::111122223333:user/ci-bot'],
        },
      ],
    });
  });

  test('is the same in any order of grants, and one that parses', () => {
    expect(compileStatements([...grants].reverse(), values)).toEqual(document);
    expect(parsePolicy(JSON.stringify(document))).toEqual(document);
  });

  test('keeps what bounds a grant, filled in, and joins nothing that is bounded otherwise', () => {
    const bounded = (allow: string): Grant => ({
      allow,
      on: user,
      when: { ArnEquals: { 'iam:PolicyARN': ['arn:{partition}:iam::{account}:policy/CordonQuarantine'] } },
    });
    const { Statement } = compileStatements(
      [bounded('iam:AttachUserPolicy'), bounded('iam:DetachUserPolicy'), { allow: 'iam:PutUserPolicy', on: user }],
      values,
    );
    const Resource = ['arn:aws:iam::111122223333:user/ci-bot'];
    expect(Statement).toEqual([
      {
        ...{ Effect: 'Allow', Action: ['iam:AttachUserPolicy', 'iam:DetachUserPolicy'], Resource },
        Condition: { ArnEquals: { 'iam:PolicyARN': ['arn:aws:iam::111122223333:policy/CordonQuarantine'] } },
      },
      { Effect: 'Allow', Action: ['iam:PutUserPolicy'], Resource },
    ]);
  });

  test('of no grants allows nothing', () => {
    expect(compileStatements([], values).Statement).toEqual([]);
  });

  test('reaches no more than the value it was given, whatever that holds', () => {
    const arn = 'arn:aws:sts::111122223333:assumed-role/cordon-writer/run';
    const session = [compileStatements([{ allow: 'iam:DeleteUser', on: user }], { ...values, userName: 'a*' })];
    const decide = (name: string) =>
      evaluate({
        identity: [parsePolicy({ Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] })],
        session,
        request: {
          principal: { arn, account: '111122223333', type: 'role-session' },
          action: 'iam:DeleteUser',
          resource: `arn:aws:iam::111122223333:user/${name}`,
          resourceAccount: '111122223333',
          context: {},
        },
      }).decision;
    expect(decide('a*')).toBe('allowed');
    expect(decide('admin')).toBe('implicitDeny');
  });

  test('fits up to the limit of STS and not a character further', () => {
    const of = (length: number) => compileStatements([{ allow: 'a:b', on: 'x'.repeat(length) }], {});
    const room = sessionPolicyCharacters - JSON.stringify(of(0)).length;
    expect(checkSessionPolicySize(of(room))).toBe(true);
    expect(checkSessionPolicySize(of(room + 1))).toBe(false);
  });
});
