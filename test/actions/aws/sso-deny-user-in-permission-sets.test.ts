import { describe, expect, it } from 'vitest';
import { ssoDenyUserInPermissionSets } from '../../../shared/actions/aws/sso-deny-user-in-permission-sets.ts';
import { roles, sessions } from '../../../shared/sandbox/aws/iam-rows.ts';
import { assignments, permissionSets } from '../../../shared/sandbox/aws/sso-rows.ts';
import type { Sandbox } from '../../../shared/sandbox/sandbox.ts';
import { type Acting, acting } from '../../support/acting.ts';
import { development, production, security } from '../../support/company.ts';

const setArn = (id: string) => `arn:aws:sso:::permissionSet/ssoins-72230aa11bb22cc3/${id}`;
const [power, readOnly] = [setArn('ps-0123456789abcdef'), setArn('ps-1123456789abcdef')];
const maria = '94482478-a0b1-70c2-d3e4-000000000001';
const otto = '94482478-a0b1-70c2-d3e4-000000000002';
const stolen = 'ASIASSOPOWERUSER0001';
const input = { userName: 'maria.lind@northwind.example', homeAccount: security, homeRegion: 'us-east-1' };
const keyOf = (arn: string) => `${security}/us-east-1/${maria}/${arn}`;

const playing = (more: object = {}, prepare: (sandbox: Sandbox) => void = () => undefined): Promise<Acting> =>
  acting(ssoDenyUserInPermissionSets, { ...input, ...more }, { also: [security], prepare });

const works = (sandbox: Sandbox, accessKeyId = stolen): boolean =>
  sandbox.can({ accessKeyId, action: 's3:ListBucket', resource: 'arn:aws:s3:::northwind-website' });

/** A session of the same role, of somebody or of another time. */
function open({ rows, clock }: Sandbox, userId: string, accessKeyId: string): string {
  const session = rows.get(sessions, stolen);
  const context = { 'identitystore:userId': userId };
  if (session) rows.put(sessions, accessKeyId, { ...session, accessKeyId, context, issuedAt: clock.now() });
  return accessKeyId;
}

const change =
  (arn: string, changed: object) =>
  ({ rows }: Sandbox): void => {
    const set = rows.get(permissionSets, arn);
    if (set) rows.put(permissionSets, arn, { ...set, ...changed });
  };
const unassign = ({ rows }: Sandbox): void => rows.delete(assignments, `${power}/${production}/${maria}`);
const statementsOf = ({ rows }: Sandbox, arn: string): readonly { Sid?: string; Effect: string }[] =>
  JSON.parse(rows.get(permissionSets, arn)?.inline || '{"Statement":[]}').Statement;

describe('cutting off the sessions of an Identity Center user', () => {
  it('reaches every account, through groups too, and keeps what else the permission sets say', async () => {
    const { capture, contain, sandbox } = await playing();
    expect(Object.keys(await capture())).toEqual([keyOf(power), keyOf(readOnly)]);
    await contain();
    expect(statementsOf(sandbox, power).map(({ Effect }) => Effect)).toEqual(['Allow', 'Deny']);
    expect(statementsOf(sandbox, readOnly).map(({ Effect }) => Effect)).toEqual(['Deny']);
    const role = sandbox.rows.get(roles, `${development}/AWSReservedSSO_ReadOnly_1123456789abcdef`);
    expect(role?.inline['AwsSSOInlinePolicy']).toContain(maria);
    expect(statementsOf(sandbox, power)[1]?.Sid).toMatch(/^CordonDeny[a-z2-7]{26}Runabcdefghijklmnopqrstuvwxyz$/);
  });

  it('leaves other people of the same permission set alone, and sessions issued afterwards', async () => {
    const { contain, sandbox } = await playing();
    const colleague = open(sandbox, otto, 'ASIASSOPOWERUSER0002');
    await contain();
    sandbox.clock.advance(60);
    expect(works(sandbox, colleague)).toBe(true);
    expect(works(sandbox, open(sandbox, maria, 'ASIASSOPOWERUSER0003'))).toBe(true);
    expect(works(sandbox)).toBe(false);
  });

  it('takes back its own statement alone, whatever others have added since', async () => {
    const { plan, contain, release, sandbox } = await playing();
    const changes = await plan();
    await contain(changes);
    const added = { Sid: 'Added', Effect: 'Deny', Action: 's3:DeleteBucket', Resource: '*' };
    const inline = JSON.stringify({ Version: '2012-10-17', Statement: [...statementsOf(sandbox, readOnly), added] });
    change(readOnly, { inline })(sandbox);
    await release(changes);
    expect(statementsOf(sandbox, readOnly)).toEqual([added]);
    expect(sandbox.rows.get(permissionSets, power)?.behind).toEqual([]);
  });

  it('waits until the accounts have it', async () => {
    const { contain, sandbox, context } = await playing();
    await contain();
    expect(sandbox.clock.milliseconds - Date.parse(context.startedAt)).toBeGreaterThanOrEqual(40_000);
    expect(works(sandbox)).toBe(false);
  });

  it('goes on where it stopped between writing and provisioning', async () => {
    const { plan, contain, capture, isContained, sandbox } = await playing();
    const changes = await plan();
    sandbox.faults.plant({ operation: 'sso:ProvisionPermissionSet', fault: { kind: 'throttle' }, times: 1 });
    await expect(contain(changes)).rejects.toMatchObject({ retryable: true });
    expect(works(sandbox)).toBe(true);
    const [first] = changes;
    expect((await capture())[first?.resource ?? '']).toEqual(first?.through?.value);
    const before = sandbox.recorder.calls.length;
    expect((await contain(changes)).moved).toEqual([]);
    const puts = sandbox.recorder.calls.slice(before).filter(({ operation }) => operation.startsWith('sso:PutInline'));
    expect(puts).toHaveLength(1); // that of the second permission set
    expect(await isContained()).toBe(true);
  });

  it('goes on the same way back', async () => {
    const { plan, contain, release, capture, sandbox } = await playing();
    const before = await capture();
    const changes = await plan();
    await contain(changes);
    sandbox.faults.plant({ operation: 'sso:ProvisionPermissionSet', fault: { kind: 'answer-lost' }, times: 1 });
    await expect(release(changes)).rejects.toMatchObject({ indeterminate: true });
    expect((await release(changes)).moved).toEqual([]);
    expect(await capture()).toEqual(before);
    expect(works(sandbox)).toBe(true);
  });

  it('waits for its turn while somebody else provisions', async () => {
    const { contain, isContained, sandbox } = await playing();
    const fault = { kind: 'error', code: 'ConflictException', status: 400 } as const;
    sandbox.faults.plant({ operation: 'sso:ProvisionPermissionSet', fault, times: 3 });
    await contain();
    expect(await isContained()).toBe(true);
  });

  it('says why a provisioning failed', async () => {
    const { contain, isContained } = await playing(
      {},
      change(power, { failure: 'the policy X is not in the account' }),
    );
    await expect(contain()).rejects.toMatchObject({
      code: 'provisioning-failed',
      message: expect.stringContaining('the policy X is not in the account'),
    });
    expect(await isContained()).toBe(false);
  });

  it('reaches the session’s own permission set even where the user is assigned no more', async () => {
    const without = await playing({}, unassign);
    expect(Object.keys(await without.capture())).toEqual([keyOf(readOnly)]);
    const { capture, contain, sandbox } = await playing({ permissionSet: 'PowerUser' }, unassign);
    expect(Object.keys(await capture())).toEqual([keyOf(power), keyOf(readOnly)]);
    await contain();
    expect(works(sandbox)).toBe(false);
  });

  it('raises an earlier cutoff and leaves a later one', async () => {
    const first = await playing();
    await first.contain();
    const inline = first.sandbox.rows.get(permissionSets, power)?.inline ?? '';
    const having = (instant: string) => change(power, { inline: inline.replace(/2026-11-20T09:05:00.000Z/, instant) });
    const raised = await playing({}, having('2026-11-19T09:05:00.000Z'));
    expect((await raised.plan()).map(({ resource }) => resource)).toEqual([keyOf(power), keyOf(readOnly)]);
    const left = await playing({}, having('2026-11-21T09:05:00.000Z'));
    expect((await left.plan()).map(({ resource }) => resource)).toEqual([keyOf(readOnly)]);
  });

  it('knows nobody by a name that Identity Center does not have', async () => {
    const { capture } = await playing({ userName: 'nobody@northwind.example' });
    expect(await capture()).toEqual({});
  });
});
