import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../shared/model/json.ts';
import { playbookSet } from '../../shared/playbook/playbook-set.ts';
import { receive } from '../../shared/run/receive.ts';
import { doors, playbookOf } from '../support/doors.ts';
import { readEvent, withMembers } from '../support/events.ts';

const requester = { kind: 'event', id: 'test' } as const;
const closeOpened = playbookOf(`
id: close-opened
title: Close what a call opened
on: { finding: { provider: [cloudtrail], resources: { openings: { port: [{ exists: true }] } } } }
targets: { type: [aws.ec2.security-group] }
mode: enforce
steps:
  - id: close
    action: aws.ec2.revoke-sg-rule
    with: { groupId: "\${target.groupId}", port: 22 }
`);
const anyRootSignIn = playbookOf(`
id: any-root-sign-in
title: Mark the account
on: { finding: { provider: [cloudtrail], type: [signin.amazonaws.com/ConsoleLogin], actor: { type: [root] } } }
targets: { type: [aws.account] }
steps:
  - id: close
    action: aws.ec2.revoke-sg-rule
    with: { groupId: sg-0aa11bb22cc330013, port: 22 }
`);

function receiver() {
  const { deps, started } = doors();
  const set = playbookSet([closeOpened, anyRootSignIn]);
  return { deps, started, take: (message: Json) => receive(deps, set, message, requester) };
}

const opened = readEvent('cloudtrail/open-ssh');
/** The same record once more, in an envelope of its own. */
const again = (event: JsonObject, number: number, members: Readonly<Record<string, Json>> = {}): JsonObject =>
  withMembers(event, { id: `envelope-${number}`, ...members });

describe('one call', () => {
  it('is one finding, however often EventBridge delivers it', async () => {
    const { take, started, deps } = receiver();
    const first = await take(opened);
    const other = await take(again(opened, 2));
    expect([...first, ...other]).toMatchObject([
      { kind: 'opened', fresh: true, playbook: 'close-opened' },
      { kind: 'opened', fresh: false, runId: started[0] },
    ]);
    expect(await deps.records.list('run', '2026-11-20')).toHaveLength(1);
  });

  it('is one finding in us-east-1 and in the region that forwards it, and on the buses of two accounts', async () => {
    const { take, started } = receiver();
    const root = readEvent('cloudtrail/root-sign-in');
    await take(root);
    await take(again(root, 2, { region: 'eu-west-1' }));
    await take(again(root, 3, { account: '999988887777' }));
    expect(new Set(started).size).toBe(1);
  });

  it('is one finding where two accounts get records of their own of it', async () => {
    const { take, started } = receiver();
    const shared = again(opened, 1, { 'detail.sharedEventID': 'd5f0c0de-0000-4000-8000-000000000001' });
    await take(shared);
    await take(again(shared, 2, { 'detail.eventID': 'd5f0c0de-0000-4000-8000-000000000002' }));
    expect(new Set(started).size).toBe(1);
  });

  it('is another finding when it is made again', async () => {
    const { take, started } = receiver();
    await take(opened);
    await take(again(opened, 2, { 'detail.eventID': 'd5f0c0de-0000-4000-8000-000000000003' }));
    expect(new Set(started).size).toBe(2);
  });

  it('opens nothing where it was refused, and is kept where its envelope is missing', async () => {
    const { take, started } = receiver();
    expect(await take(withMembers(opened, { 'detail.errorCode': 'Client.UnauthorizedOperation' }))).toMatchObject([
      { kind: 'ignored', source: 'cloudtrail', why: expect.stringContaining('AuthorizeSecurityGroupIngress') },
    ]);
    expect(await take(opened['detail'] ?? null)).toMatchObject([{ kind: 'quarantined' }]);
    expect(started).toEqual([]);
  });
});
