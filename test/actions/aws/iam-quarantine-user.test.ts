import { describe, expect, it } from 'vitest';
import { iamDisableAccessKey } from '../../../shared/actions/aws/iam-disable-access-key.ts';
import { iamQuarantineUser } from '../../../shared/actions/aws/iam-quarantine-user.ts';
import { accessKeys, managedPolicies, users } from '../../../shared/sandbox/aws/iam-rows.ts';
import type { Sandbox } from '../../../shared/sandbox/sandbox.ts';
import { acting } from '../../support/acting.ts';
import { production } from '../../support/company.ts';

const input = { userName: 'ci-deploy' };
const accessKeyId = 'AKIACIDEPLOY00000001';
const quarantine = `arn:aws:iam::${production}:policy/CordonQuarantine`;
const managed = 'ci-deploy/attached/CordonQuarantine';
const inline = 'ci-deploy/inline/CordonQuarantine';

/** A user whose ten places for managed policies are taken. */
function full({ rows }: Sandbox): void {
  const user = rows.get(users, `${production}/ci-deploy`);
  const attached = Array.from({ length: 10 }, (_, at) => `arn:aws:iam::aws:policy/Policy${at}`);
  if (user) rows.put(users, `${production}/ci-deploy`, { ...user, attached });
}
const withoutPolicy = ({ rows }: Sandbox): void => rows.delete(managedPolicies, quarantine);
const weakened = ({ rows }: Sandbox): void =>
  rows.put(managedPolicies, quarantine, {
    arn: quarantine,
    name: 'CordonQuarantine',
    document: JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Deny', Action: 's3:*', Resource: '*' }] }),
  });

const works = (sandbox: Sandbox): boolean =>
  sandbox.can({ accessKeyId, action: 'iam:CreateAccessKey', resource: `arn:aws:iam::${production}:user/ci-deploy` });

describe('quarantining a user', () => {
  it.each([
    ['has no room for another managed policy', full, 'full'],
    ['has no quarantine policy in its account', withoutPolicy, null],
  ])('that %s falls back to an inline policy, with the rights declared', async (_, prepare, from) => {
    const { plan, contain, release, capture, isContained, sandbox } = await acting(iamQuarantineUser, input, {
      prepare,
    });
    const before = await capture();
    expect(before).toEqual({ [managed]: from, [inline]: null });
    const changes = await plan();
    expect(changes.map(({ resource }) => resource)).toEqual([inline]);
    await contain(changes);
    expect(works(sandbox)).toBe(false);
    expect(await isContained()).toBe(true);
    await release(changes);
    expect(await capture()).toEqual(before);
    expect(works(sandbox)).toBe(true);
  });

  it('marks the inline policy with its run', async () => {
    const { contain, capture } = await acting(iamQuarantineUser, input, { prepare: full });
    await contain();
    expect(JSON.stringify((await capture())[inline])).toContain('"Sid":"CordonRunabcdefghijklmnopqrstuvwxyz"');
  });

  it('is contained by the inline policy even when a place becomes free', async () => {
    const { contain, plan, sandbox } = await acting(iamQuarantineUser, input, { prepare: full });
    await contain();
    const user = sandbox.rows.get(users, `${production}/ci-deploy`);
    if (user) sandbox.rows.put(users, `${production}/ci-deploy`, { ...user, attached: [] });
    expect(await plan()).toEqual([]);
  });

  it('is not believed where somebody has weakened the policy', async () => {
    const { contain, plan, isContained, sandbox } = await acting(iamQuarantineUser, input, { prepare: weakened });
    await contain();
    expect(await plan()).toEqual([]);
    expect(await isContained()).toBe(false);
    expect(works(sandbox)).toBe(true);
  });

  it('reports a user that is gone', async () => {
    const { capture } = await acting(iamQuarantineUser, { userName: 'nobody' });
    expect(await capture()).toEqual({});
  });
});

describe('a user with a path', () => {
  const moved = ({ rows }: Sandbox): void => {
    const user = rows.get(users, `${production}/ci-deploy`);
    const arn = `arn:aws:iam::${production}:user/build/eu/ci-deploy`;
    if (user) rows.put(users, `${production}/ci-deploy`, { ...user, path: '/build/eu/', arn });
  };

  it('is quarantined, and its key disabled, with the rights that name it without one', async () => {
    const user = await acting(iamQuarantineUser, input, { prepare: moved });
    await user.contain();
    expect(await user.isContained()).toBe(true);
    const key = await acting(iamDisableAccessKey, { ...input, accessKeyId }, { prepare: moved });
    await key.contain();
    expect(key.sandbox.rows.get(accessKeys, accessKeyId)?.status).toBe('Inactive');
  });

  it('is not reached by rights for another user whose name ends like its own', async () => {
    const { contain } = await acting(
      iamQuarantineUser,
      { userName: 'deploy' },
      {
        prepare({ rows }) {
          const user = rows.get(users, `${production}/ci-deploy`);
          const arn = `arn:aws:iam::${production}:user/ci-deploy`;
          if (user) rows.put(users, `${production}/deploy`, { ...user, name: 'deploy', arn });
        },
      },
    );
    await expect(contain()).rejects.toMatchObject({ code: 'AccessDenied' });
  });
});
