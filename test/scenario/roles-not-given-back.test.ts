import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { answer, openApprovals } from '../../shared/records/approvals.ts';
import {
  type RoleAssignmentRow,
  roleAssignmentId,
  roleAssignments,
} from '../../shared/sandbox/azure/role-assignments.ts';
import { subscription, tenant } from '../support/company.ts';
import { findingIn, readEvent, withMembers } from '../support/events.ts';
import { carryOn, lived, planOf, playbook, type Road, road, stateOf, takenBack } from '../support/road.ts';

const machine = '0a1b2c3d-0000-4000-8000-00000000a003';
const userAccessAdministrator = '18d7d88d-d35e-4fb5-a5c3-7773c20a72d9';
const compromised = playbook(
  readFileSync(new URL('../../playbooks/compromised-application.yaml', import.meta.url), 'utf8'),
);
const alert = withMembers(readEvent('defender/arm-suspicious-address'), {
  Severity: 'High',
  'Entities.1': { Type: 'service-principal', ServicePrincipalObjectId: machine, TenantId: tenant },
});
const told = { finding: findingIn(alert), event: alert };

const strong: RoleAssignmentRow = {
  name: '0a1b2c3d-0000-4000-8000-00000000d0fe',
  scope: `/subscriptions/${subscription}`,
  principalId: machine,
  roleId: userAccessAdministrator,
  more: {},
};
const give = ({ sandbox: { rows } }: Road): void =>
  rows.put(roleAssignments, roleAssignmentId(strong).toLowerCase(), strong);
const rolesOf = ({ sandbox: { rows } }: Road): readonly string[] =>
  rows
    .all(roleAssignments)
    .flatMap(([, { principalId, scope, roleId }]) =>
      principalId === machine && scope.startsWith('/subscriptions/') ? [roleId] : [],
    )
    .sort();

const jonas = { verdict: 'approved', person: 'jonas', note: '', channel: 'cli' } as const;
async function approved(one: Road, runId: string): Promise<string | undefined> {
  const [question] = await openApprovals(one.deps);
  await answer(one.deps, question?.id ?? '', question?.digest ?? '', jonas);
  return (await carryOn(one, runId)).result?.outcome;
}

describe('taking a role away by which others are given', () => {
  it('is asked, says that it is not put back, and leaves it to a person when the rest comes back', async () => {
    const one = road();
    const before = rolesOf(one);
    give(one);
    const { word, runId } = await lived(one, compromised, told);
    expect(word).toBe('waiting');
    const [step] = (await planOf(one, runId))?.steps ?? [];
    expect(step).toMatchObject({ decision: 'ask', reason: 'irreversible-action' });
    expect(step?.cautions).toContainEqual(expect.stringMatching(/^Cannot be taken back: .*d0fe gives a role/));
    expect(await approved(one, runId)).toBe('contained');
    expect(rolesOf(one)).toEqual([]);

    const back = await takenBack(one, runId, { reactivateCredentials: true });
    const [way] = (await planOf(one, back.runId))?.steps ?? [];
    expect(way?.cautions).toEqual([expect.stringMatching(/^Not taken back: .*d0fe gives a role/)]);
    expect(await approved(one, back.runId)).toBe('released');
    expect(rolesOf(one)).toEqual(before);
  });

  it('is not asked where no such role is among them', async () => {
    const one = road();
    expect((await lived(one, compromised, told)).word).toBe('contained allowed');
  });

  it('is not taken back at all where it was the only one', async () => {
    const one = road();
    for (const [key, row] of one.sandbox.rows.all(roleAssignments))
      if (row.principalId === machine && row.scope.startsWith('/subscriptions/'))
        one.sandbox.rows.delete(roleAssignments, key);
    give(one);
    const { runId } = await lived(one, compromised, told);
    expect(await approved(one, runId)).toBe('contained');
    const back = await takenBack(one, runId, { reactivateCredentials: true });
    expect(back.word).toBe('denied irreversible-action');
    expect((await stateOf(one, back.runId)).result?.outcome).toBe('denied');
    expect(rolesOf(one)).toEqual([]);
  });
});
