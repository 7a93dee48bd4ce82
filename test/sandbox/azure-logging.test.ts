import { ResourceManagementClient } from '@azure/arm-resources';
import { describe, expect, it } from 'vitest';
import { raisesAlerts } from '../../shared/sandbox/azure/defender-plans.ts';
import { isSent } from '../../shared/sandbox/azure/diagnostic-settings.ts';
import { allowAll, intoSandbox, refusedWith, storageAccountId } from '../support/azure.ts';
import { northwindSandbox, subscription } from '../support/company.ts';

const scope = `subscriptions/${subscription}`;
const workspaceId = `/${scope}/resourceGroups/rg-security/providers/Microsoft.OperationalInsights/workspaces/law-security`;
const logs = [{ category: 'Administrative', enabled: true }];

function arm(notActions: readonly string[] = []) {
  const sandbox = northwindSandbox();
  const { resources } = new ResourceManagementClient(
    sandbox.credential(allowAll(sandbox, { notActions })),
    subscription,
    intoSandbox(sandbox),
  );
  const pricing = (plan: string) => `${scope}/providers/Microsoft.Security/pricings/${plan}`;
  const setting = (name: string, on = scope) => `${on}/providers/Microsoft.Insights/diagnosticSettings/${name}`;
  return {
    ...sandbox,
    plan: (name: string, properties: Record<string, unknown>) =>
      resources.createOrUpdateById(pricing(name), '2024-01-01', { properties }),
    read: (name: string) => resources.getById(pricing(name), '2024-01-01'),
    send: (name: string, properties: Record<string, unknown>, on?: string) =>
      resources.createOrUpdateById(setting(name, on), '2021-05-01-preview', { properties }),
    drop: (name: string) => resources.deleteById(setting(name), '2021-05-01-preview'),
  };
}

describe('a plan of Defender', () => {
  it('forgets its sub plan and its extensions when it is turned off, and raises no alerts', async () => {
    const { plan, read, rows } = arm();
    expect(await read('virtualmachines')).toMatchObject({ properties: { pricingTier: 'Standard', subPlan: 'P2' } });
    await plan('VirtualMachines', { pricingTier: 'Free' });
    expect((await read('VirtualMachines')).properties).toEqual({ pricingTier: 'Free', freeTrialRemainingTime: 'PT0S' });
    expect(raisesAlerts(rows, subscription, 'VirtualMachines')).toBe(false);
  });

  it('comes back whole where no sub plan is named, and not with one that is not offered', async () => {
    const { plan, read } = arm();
    await plan('KeyVaults', { pricingTier: 'Standard' });
    expect(await read('KeyVaults')).toMatchObject({ properties: { subPlan: 'PerKeyVault' } });
    expect(await refusedWith(plan('KeyVaults', { pricingTier: 'Standard', subPlan: 'P9' }))).toBe('InvalidInputJson');
    expect(await refusedWith(read('Nothing'))).toBe('ResourceNotFound');
  });
});

describe('a diagnostic setting', () => {
  it('sends what is on, until it is deleted', async () => {
    const { send, drop, rows } = arm();
    await drop('to-cordon');
    expect(isSent(rows, `/${scope}`)).toBe(false);
    await send('to-siem', { workspaceId, logs });
    expect(isSent(rows, `/${scope}`)).toBe(true);
  });

  it.each([
    ['sends nowhere', { logs }, 'BadRequest'],
    ['names a category that there is not', { workspaceId, logs: [{ category: 'Audit', enabled: true }] }, 'BadRequest'],
    ['sends to a workspace that is gone', { workspaceId: `${workspaceId}-2`, logs }, 'ResourceNotFound'],
  ])('is refused where it %s', async (_, properties, code) => {
    expect(await refusedWith(arm().send('x', properties))).toBe(code);
  });

  it('is refused where another one sends the same there already, or the resource is gone', async () => {
    const { send } = arm();
    await send('to-siem', { workspaceId, logs });
    expect(await refusedWith(send('again', { workspaceId, logs }))).toBe('Conflict');
    expect(await refusedWith(send('x', { workspaceId }, `${storageAccountId.slice(1)}x`))).toBe('ResourceNotFound');
  });

  it('takes the right to the keys of where it sends', async () => {
    const { send } = arm(['Microsoft.OperationalInsights/workspaces/sharedKeys/action']);
    expect(await refusedWith(send('to-siem', { workspaceId, logs }))).toBe('LinkedAuthorizationFailed');
  });
});
