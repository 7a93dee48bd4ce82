import { describe, expect, it } from 'vitest';
import { iamRevokeRoleSessions } from '../../../shared/actions/aws/iam-revoke-role-sessions.ts';
import { iamRevokeSingleRoleSession } from '../../../shared/actions/aws/iam-revoke-single-role-session.ts';
import { planContext } from '../../../shared/run/step-context.ts';
import { roles, sessions } from '../../../shared/sandbox/aws/iam-rows.ts';
import type { Sandbox } from '../../../shared/sandbox/sandbox.ts';
import { acting } from '../../support/acting.ts';
import { production } from '../../support/company.ts';

const role = `${production}/web-server`;
const stolen = 'ASIAWEBSERVER0000001';
const policy = 'web-server/AWSRevokeOlderSessions';

const works = (sandbox: Sandbox, accessKeyId: string): boolean =>
  sandbox.can({
    accessKeyId,
    action: 'secretsmanager:GetSecretValue',
    resource: `arn:aws:secretsmanager:eu-west-1:${production}:secret:storefront`,
  });

/** Another session of the same role. */
function open({ rows, clock }: Sandbox, sessionName: string, accessKeyId: string): string {
  const session = rows.get(sessions, stolen);
  if (session) rows.put(sessions, accessKeyId, { ...session, sessionName, accessKeyId, issuedAt: clock.now() });
  return accessKeyId;
}

const statement = (condition?: object) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Deny', Action: ['*'], Resource: ['*'], ...(condition && { Condition: condition }) }],
});
/** As the console writes it. */
const cutAt = (instant: string) => statement({ DateLessThan: { 'aws:TokenIssueTime': instant } });
const having =
  (document: object) =>
  ({ rows }: Sandbox) => {
    const row = rows.get(roles, role);
    const inline = { ...row?.inline, AWSRevokeOlderSessions: JSON.stringify(document) };
    if (row) rows.put(roles, role, { ...row, inline });
  };

const later = cutAt('2026-11-20T23:00:00Z');
const earlier = cutAt('2026-11-20T07:00:00Z');
const other = statement({ StringEquals: { 'aws:RequestedRegion': 'us-west-2' } });

describe('revoking the sessions of a role', () => {
  it('leaves those alone that are issued afterwards', async () => {
    const { contain, sandbox } = await acting(iamRevokeRoleSessions, { roleName: 'web-server' });
    await contain();
    sandbox.clock.advance(60);
    expect(works(sandbox, open(sandbox, 'i-0aa11bb22cc33dd44', 'ASIAWEBSERVER0000002'))).toBe(true);
    expect(works(sandbox, stolen)).toBe(false);
  });

  it('never lowers a cutoff', async () => {
    const { plan, isContained } = await acting(
      iamRevokeRoleSessions,
      { roleName: 'web-server' },
      { prepare: having(later) },
    );
    expect(await plan()).toEqual([]);
    expect(await isContained()).toBe(true);
  });

  it.each([
    ['an earlier cutoff', earlier],
    ['a policy of somebody else', other],
    ['a cutoff that holds under a further condition only', cutAt('2026-11-20T23:00:00Z')],
  ])('replaces %s and puts it back', async (name, document) => {
    const [first] = document.Statement;
    const narrow = { ...first?.Condition, StringEquals: { 'aws:userid': 'x' } };
    const there = name.startsWith('a cutoff that') ? statement(narrow) : document;
    const { capture, plan, contain, release } = await acting(
      iamRevokeRoleSessions,
      { roleName: 'web-server' },
      { prepare: having(there) },
    );
    const changes = await plan();
    expect(changes).toMatchObject([{ resource: policy, from: there }]);
    await contain(changes);
    await release(changes);
    expect(await capture()).toEqual({ [policy]: there });
  });

  it('plans with the name of an instant, and again for every new plan', async () => {
    const { capture, company, context, contain } = await acting(iamRevokeRoleSessions, { roleName: 'web-server' });
    const planned = planContext(company.sandbox.clock, {
      order: { id: context.runId, openedAt: context.startedAt },
      signal: context.signal,
    });
    const wanted = async () =>
      JSON.stringify(iamRevokeRoleSessions.plan({ roleName: 'web-server' }, await capture(), planned));
    expect(await wanted()).toContain('"aws:TokenIssueTime":"{startedAt}"');
    await contain();
    expect(await wanted()).toContain('"aws:TokenIssueTime":"{startedAt}"');
  });

  it.each([
    ['AWSReservedSSO_PowerUser_0123456789abcdef', 'aws.sso.deny-user-in-permission-sets'],
    ['AWSServiceRoleForSupport', 'Contain the resource'],
  ])('refuses the role %s before anything is planned', async (roleName, remedy) => {
    const prepare = ({ rows }: Sandbox) => {
      const row = rows.get(roles, role);
      const path = '/aws-service-role/support.amazonaws.com/';
      const arn = `arn:aws:iam::${production}:role${path}${roleName}`;
      if (row && roleName.startsWith('AWSService'))
        rows.put(roles, `${production}/${roleName}`, { ...row, name: roleName, path, arn });
    };
    const { plan, sandbox } = await acting(iamRevokeRoleSessions, { roleName }, { prepare });
    const fault = await plan().catch((thrown: unknown) => thrown);
    expect(fault).toMatchObject({ code: 'role-unmodifiable', retryable: false });
    expect(fault).toMatchObject({ remedy: expect.stringContaining(remedy) });
    expect(sandbox.recorder.calls.filter(({ mutating }) => mutating)).toEqual([]);
  });
});

describe('revoking one session of a role', () => {
  const input = { roleName: 'web-server', principalId: 'AROAWEBSERVER00000001:i-0aa11bb22cc33dd44' };

  it('leaves the other sessions alone, and denies new ones of the same name', async () => {
    const { contain, sandbox } = await acting(iamRevokeSingleRoleSession, input);
    const neighbour = open(sandbox, 'i-0bb22cc33dd44ee55', 'ASIAWEBSERVER0000002');
    await contain();
    expect(works(sandbox, neighbour)).toBe(true);
    expect(works(sandbox, stolen)).toBe(false);
    sandbox.clock.advance(60);
    expect(works(sandbox, open(sandbox, 'i-0aa11bb22cc33dd44', 'ASIAWEBSERVER0000003'))).toBe(false);
  });

  it('gives each session a policy of its own, and release takes back its own alone', async () => {
    const second = { roleName: 'web-server', principalId: 'AROAWEBSERVER00000001:i-0bb22cc33dd44ee55' };
    const [theirs] = await (await acting(iamRevokeSingleRoleSession, second)).plan();
    const name = theirs?.resource.split('/')[1] ?? '';
    const prepare = ({ rows }: Sandbox) => {
      const row = rows.get(roles, role);
      if (row) rows.put(roles, role, { ...row, inline: { ...row.inline, [name]: JSON.stringify(theirs?.to) } });
    };
    const { plan, contain, release, sandbox } = await acting(iamRevokeSingleRoleSession, input, { prepare });
    const changes = await plan();
    await contain(changes);
    await release(changes);
    expect(Object.keys(sandbox.rows.get(roles, role)?.inline ?? {})).toEqual(['serve', name]);
  });

  it('has nothing to do with a role of the same name that was made since', async () => {
    const { capture } = await acting(iamRevokeSingleRoleSession, { ...input, principalId: 'AROAOLDROLE000000001:i-1' });
    expect(await capture()).toEqual({});
  });

  it.each(['AIDACIDEPLOY00000001', 'AROAWEBSERVER00000001'])(
    'takes no principal that is no session: %s',
    (principalId) => {
      expect(() => iamRevokeSingleRoleSession.parse({ ...input, principalId })).toThrow('AROA…:session');
    },
  );
});
