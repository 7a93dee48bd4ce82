import { describe, expect, it } from 'vitest';
import { iamCloseRoleTrust } from '../../../shared/actions/aws/iam-close-role-trust.ts';
import { iamDetachRolePolicy } from '../../../shared/actions/aws/iam-detach-role-policy.ts';
import { iamDetachUserPolicy } from '../../../shared/actions/aws/iam-detach-user-policy.ts';
import { iamDisableConsoleLogin } from '../../../shared/actions/aws/iam-disable-console-login.ts';
import type { Json } from '../../../shared/model/json.ts';
import { roles, users } from '../../../shared/sandbox/aws/iam-rows.ts';
import { type Acting, acting } from '../../support/acting.ts';
import { production } from '../../support/company.ts';
import { change } from '../../support/foreign-edit.ts';

const role = `${production}/backup-agent`;
const trustOf = ({ sandbox }: Acting): Json => JSON.parse(sandbox.rows.get(roles, role)?.trust ?? '{}');

describe('a policy that was given', () => {
  it('inline, goes alone and comes back to the letter', async () => {
    const one = await acting(
      iamDetachUserPolicy,
      { userName: 'ci-deploy', policy: 'deploy' },
      {
        prepare: (sandbox) =>
          change(sandbox, users, `${production}/ci-deploy`, ({ inline }) => ({
            inline: { ...inline, other: '{"Version":"2012-10-17","Statement":[]}' },
          })),
      },
    );
    const inline = () => one.sandbox.rows.get(users, `${production}/ci-deploy`)?.inline ?? {};
    const before = inline()['deploy'] ?? '';
    const changes = await one.plan();
    await one.contain(changes);
    expect(Object.keys(inline())).toEqual(['other']);
    await one.release(changes);
    expect(JSON.parse(inline()['deploy'] ?? '')).toEqual(JSON.parse(before));
  });

  it('inline to a role, goes and comes back too', async () => {
    const one = await acting(iamDetachRolePolicy, { roleName: 'web-server', policy: 'serve' });
    const inline = () => one.sandbox.rows.get(roles, `${production}/web-server`)?.inline ?? {};
    const before = inline();
    const changes = await one.plan();
    await one.contain(changes);
    expect(inline()).toEqual({});
    await one.release(changes);
    expect(JSON.parse(inline()['serve'] ?? '')).toEqual(JSON.parse(before['serve'] ?? ''));
  });

  it('is told from a principal that is gone', async () => {
    const policy = 'arn:aws:iam::aws:policy/ReadOnlyAccess';
    const without = await acting(iamDetachUserPolicy, { userName: 'ci-deploy', policy });
    expect(await without.capture()).toEqual({ [`ci-deploy ${policy}`]: null });
    const gone = await acting(iamDetachUserPolicy, { userName: 'nobody', policy });
    expect(await gone.capture()).toEqual({});
  });

  it('can be given back by its own run alone: the right names it', () => {
    const attach = iamDetachUserPolicy.permissions.write.filter(({ allow }) => allow === 'iam:AttachUserPolicy');
    expect(attach.map(({ when }) => when)).toEqual([
      { ArnEquals: { 'iam:PolicyARN': ['{policy}'] } },
      { ArnEquals: { 'iam:PolicyARN': ['{policy}'] } },
    ]);
  });
});

describe('a trust policy', () => {
  const stranger = 'arn:aws:iam::210987654321:root';
  const close = (principals: readonly string[], trust?: Json) =>
    acting(
      iamCloseRoleTrust,
      { roleName: 'backup-agent', principals: [...principals] },
      {
        prepare: (sandbox) => {
          if (trust !== undefined) change(sandbox, roles, role, () => ({ trust: JSON.stringify(trust) }));
        },
      },
    );

  it('keeps everybody else in, and the statements of others as they are', async () => {
    const one = await close([stranger]);
    await one.contain();
    expect(trustOf(one)).toMatchObject({
      Statement: [
        { Principal: { Service: 'ec2.amazonaws.com' } },
        { Sid: 'Vendor', Principal: { AWS: `arn:aws:iam::${production}:user/svc-backup` } },
      ],
    });
  });

  it.each<[string, string, Json]>([
    ['everybody', '*', '*'],
    ['one account', stranger, { AWS: stranger }],
  ])('that let in nobody but %s lets in nobody', async (_, principal, Principal) => {
    const allow = { Effect: 'Allow', Principal, Action: 'sts:AssumeRole' };
    const one = await close([principal], { Version: '2012-10-17', Statement: allow });
    const changes = await one.plan();
    await one.contain(changes);
    expect(await one.isContained()).toBe(true);
    expect(trustOf(one)).toMatchObject({ Statement: [{ Effect: 'Deny', Principal: '*' }] });
    await one.release(changes);
    expect(trustOf(one)).toMatchObject({ Statement: allow });
  });

  it('is written as IAM answers it: an account as its root, one principal without a list', async () => {
    const AWS = [stranger, 'arn:aws:iam::111122223333:role/deploy'];
    const allow = { Effect: 'Allow', Principal: { AWS }, Action: 'sts:AssumeRole' };
    const one = await close(['210987654321'], { Version: '2012-10-17', Statement: [allow] });
    const [change] = await one.plan();
    expect(change?.to).toMatchObject({ Statement: [{ Principal: { AWS: AWS[1] } }] });
  });

  it('of a role that AWS keeps is refused', async () => {
    const roleName = 'AWSReservedSSO_PowerUser_0123456789abcdef';
    const one = await acting(iamCloseRoleTrust, { roleName, principals: ['*'] });
    await expect(one.capture()).rejects.toMatchObject({ code: 'role-unmodifiable' });
  });
});

it('a user without a password is contained, and no user is gone', async () => {
  const without = await acting(iamDisableConsoleLogin, { userName: 'ci-deploy' });
  expect(await without.plan()).toEqual([]);
  expect(await without.isContained()).toBe(true);
  const gone = await acting(iamDisableConsoleLogin, { userName: 'nobody' });
  expect(await gone.capture()).toEqual({});
});
