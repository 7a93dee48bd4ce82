import { describe, expect, it } from 'vitest';
import { changesOf } from '../../../shared/action/change.ts';
import { computeSnapshotDisks } from '../../../shared/actions/azure/compute-snapshot-disks.ts';
import { entraDisableUser } from '../../../shared/actions/azure/entra-disable-user.ts';
import { entraRevokeSignInSessions } from '../../../shared/actions/azure/entra-revoke-sign-in-sessions.ts';
import { completed, type Poller } from '../../../shared/actions/azure/long-running.ts';
import { resourcesTagResource } from '../../../shared/actions/azure/resources-tag-resource.ts';
import { InvalidInput, ProviderError } from '../../../shared/model/error.ts';
import { planContext, resolved } from '../../../shared/run/step-context.ts';
import { userOf, users } from '../../../shared/sandbox/azure/entra-users.ts';
import { resources } from '../../../shared/sandbox/azure/rows.ts';
import type { Sandbox } from '../../../shared/sandbox/sandbox.ts';
import { acting } from '../../support/acting.ts';
import { azureId, refusedWith, resourceAt, rewrite, vmId } from '../../support/azure.ts';
import { subscription } from '../../support/company.ts';

const where = { account: subscription, region: '' };
const jonas = 'jonas.berg@northwind.example';
const guest = 'partner_contoso.example#EXT#@northwind.example';

describe('ending the sign-ins of a user', () => {
  const revoke = (user: string, prepare?: (sandbox: Sandbox) => void) =>
    acting(entraRevokeSignInSessions, { user }, { where, ...(prepare && { prepare }) });
  const since =
    (instant: string) =>
    ({ rows }: Sandbox) => {
      const row = userOf(rows, jonas);
      if (row) rows.put(users, row.id, { ...row, signInSessionsValidFromDateTime: instant });
    };

  it('names the start of the run in its plan, and knows it again though the service sets its own instant', async () => {
    const one = await revoke(jonas);
    const { signal } = one.context;
    const context = planContext(one.sandbox.clock, { order: { id: 'run', openedAt: '' }, signal });
    const before = await one.capture();
    const input = { user: jonas };
    const planned = changesOf(
      entraRevokeSignInSessions,
      input,
      before,
      entraRevokeSignInSessions.plan(input, before, context),
    );
    expect(planned).toMatchObject([{ to: { validFrom: '{startedAt}' } }]);
    one.sandbox.clock.advance(95);
    await one.contain(resolved(planned, one.context));
    expect(userOf(one.sandbox.rows, jonas)?.signInSessionsValidFromDateTime).toBe('2026-11-20T09:06:35Z');
    expect(await one.capture()).toEqual({ [Object.keys(before)[0] ?? '']: { validFrom: one.context.startedAt } });
    expect(await one.isContained()).toBe(true);
  });

  it.each([
    ['later than the start', '2026-11-20T09:05:01Z', 0],
    ['in the same second', '2026-11-20T09:05:00Z', 0],
    ['a second before', '2026-11-20T09:04:59Z', 1],
  ])('looks at when they were ended last: %s', async (_, instant, changes) => {
    expect(await (await revoke(jonas, since(instant))).plan()).toHaveLength(changes);
  });

  it('is not verified for a guest, for whom it does nothing', async () => {
    const one = await revoke(guest);
    await one.contain();
    expect(await one.isContained()).toBe(false);
  });

  it('knows a user who is not there', async () => {
    expect(await (await revoke('nobody@northwind.example')).capture()).toEqual({});
  });

  it.each(['../groups/1', 'me', 'jonas', 'a@b/c', '$value@x'])('takes %s for no user', (user) => {
    expect(() => entraRevokeSignInSessions.parse({ user })).toThrow(InvalidInput);
  });
});

describe('disabling a user', () => {
  it('is refused for an administrator, in words that say what to do', async () => {
    const one = await acting(entraDisableUser, { user: 'emergency-access@northwind.example' }, { where });
    await expect(one.contain()).rejects.toMatchObject({
      code: 'Authorization_RequestDenied',
      status: 403,
      retryable: false,
    });
  });

  it('does not enable a user who was disabled before', async () => {
    const one = await acting(
      entraDisableUser,
      { user: jonas },
      {
        where,
        prepare({ rows }) {
          const row = userOf(rows, jonas);
          if (row) rows.put(users, row.id, { ...row, accountEnabled: false });
        },
      },
    );
    expect(await one.plan()).toEqual([]);
  });
});

describe('tagging a resource', () => {
  const tag = (tags: Record<string, string>, prepare?: (sandbox: Sandbox) => void) =>
    acting(resourcesTagResource, { resourceId: vmId, tags }, { where, ...(prepare && { prepare }) });
  const tagsOf = ({ rows }: Sandbox) => resourceAt({ rows }, vmId).tags;

  it('adds to the tags that are there, and gives back just what it changed', async () => {
    const one = await tag({ incident: '1', ENVIRONMENT: 'quarantined' });
    const changes = await one.plan();
    await one.contain(changes);
    expect(tagsOf(one.sandbox)).toEqual({ environment: 'quarantined', incident: '1', 'cordon:run': one.context.runId });
    rewrite(one.sandbox, vmId, ({ tags }) => ({ tags: { ...tags, owner: 'new' } }));
    await one.release(changes);
    expect(tagsOf(one.sandbox)).toEqual({ environment: 'production', owner: 'new' });
  });

  it('leaves a tag that somebody has written since', async () => {
    const one = await tag({ incident: '1' });
    const changes = await one.plan();
    await one.contain(changes);
    rewrite(one.sandbox, vmId, ({ tags }) => ({ tags: { ...tags, incident: '2' } }));
    const { moved } = await one.release(changes);
    expect(moved).toMatchObject([{ resource: `${vmId}#incident` }]);
    expect(tagsOf(one.sandbox)).toEqual({ environment: 'production', incident: '2' });
  });

  it.each(['a/b', 'a<b', 'a#b', ''])('takes no tag by the name of %j', (name) => {
    expect(() => resourcesTagResource.parse({ resourceId: vmId, tags: { [name]: '1' } })).toThrow(InvalidInput);
  });
});

describe('taking snapshots of the disks of a machine', () => {
  const snapshot = (virtualMachineId = vmId) => acting(computeSnapshotDisks, { virtualMachineId }, { where });
  const made = ({ rows }: Sandbox) =>
    rows.all(resources).flatMap(([, row]) => (row.type.endsWith('/snapshots') ? [row] : []));

  it('closes them, says whose they are, and keeps names within 80 characters', async () => {
    const one = await snapshot();
    const { signal } = one.context;
    const context = planContext(one.sandbox.clock, { order: { id: 'run', openedAt: '' }, signal });
    const before = await one.capture();
    const input = { virtualMachineId: vmId };
    const planned = changesOf(computeSnapshotDisks, input, before, computeSnapshotDisks.plan(input, before, context));
    expect(JSON.stringify(planned)).toContain('cordon-{runId}-vm-web-01-os-');
    await one.contain(resolved(planned, one.context));
    expect(await one.isContained()).toBe(true);
    const rows = made(one.sandbox);
    expect(rows.map(({ name }) => name.length <= 80 && name.includes(one.context.runId))).toEqual([true, true]);
    for (const { properties, tags } of rows) {
      expect(properties).toMatchObject({
        incremental: true,
        networkAccessPolicy: 'DenyAll',
        publicNetworkAccess: 'Disabled',
      });
      expect(tags).toMatchObject({ 'cordon:run': one.context.runId });
    }
  });

  it('takes only what is missing when it is resumed, and gives no evidence back', async () => {
    const one = await snapshot();
    const planned = await one.plan();
    one.sandbox.faults.plant({
      operation: 'Microsoft.Compute/snapshots/write',
      after: 1,
      times: 1,
      fault: { kind: 'answer-lost' },
    });
    await expect(one.contain(planned)).rejects.toBeInstanceOf(ProviderError);
    expect((await one.contain(planned)).applied).toEqual([]);
    expect(made(one.sandbox)).toHaveLength(2);
    await expect(one.release(planned)).rejects.toMatchObject({ code: 'kept-as-evidence' });
  });

  it('leaves an ephemeral disk out, and says so where there is no other', async () => {
    const worker = azureId('rg-web', 'Microsoft.Compute/virtualMachines', 'vm-worker-01');
    await expect((await snapshot(worker)).plan()).rejects.toThrow(/no disk that a snapshot can be taken of/);
  });
});

describe('an operation that goes on after its answer', () => {
  const context = (waited: number[]) => ({
    runId: 'run',
    key: 'run-step',
    startedAt: '2026-11-20T09:05:00.000Z',
    signal: new AbortController().signal,
    wait: async (seconds: number) => void waited.push(seconds),
    learnt: new Map<string, string>(),
  });
  const poller = (statuses: readonly string[]): Poller<string> => {
    let at = -1;
    const status = () => statuses[at] ?? 'running';
    return {
      get isDone() {
        return status() !== 'running';
      },
      get operationState() {
        return { status: status() };
      },
      result: 'made',
      submitted: async () => undefined,
      async poll() {
        at += 1;
        if (status() === 'failed') throw new Error('The long-running operation has failed. InternalError. Sorry.');
      },
    };
  };

  it('is waited for on the clock of the run', async () => {
    const waited: number[] = [];
    expect(await completed(poller(['running', 'running', 'succeeded']), context(waited))).toBe('made');
    expect(waited).toEqual([2, 2]);
  });

  it('may have changed something when it ends badly', async () => {
    const call = completed(poller(['running', 'failed']), context([]));
    await expect(call).rejects.toMatchObject({ code: 'operation-failed', indeterminate: true, retryable: true });
  });

  it('is a fault of the provider when it cannot be followed', async () => {
    const one = await acting(computeSnapshotDisks, { virtualMachineId: vmId }, { where });
    const operation = 'Microsoft.Compute/locations/operations/read';
    one.sandbox.faults.plant({ operation, fault: { kind: 'error', status: 403, code: 'AuthorizationFailed' } });
    expect(await refusedWith(one.contain())).toBe('AuthorizationFailed');
  });
});
