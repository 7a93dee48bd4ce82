import { describe, expect, it } from 'vitest';
import { defenderRestorePlan } from '../../../shared/actions/azure/defender-restore-plan.ts';
import { monitorRestoreDiagnosticSettings } from '../../../shared/actions/azure/monitor-restore-diagnostic-settings.ts';
import { InvalidInput } from '../../../shared/model/error.ts';
import { defenderSetups } from '../../../shared/sandbox/azure/defender-plans.ts';
import { diagnosticSettings } from '../../../shared/sandbox/azure/diagnostic-settings.ts';
import type { Sandbox } from '../../../shared/sandbox/sandbox.ts';
import { acting } from '../../support/acting.ts';
import { storageAccountId } from '../../support/azure.ts';
import { subscription } from '../../support/company.ts';

const where = { account: subscription, region: '' };
const scope = `/subscriptions/${subscription}`;

describe('a plan that is turned on again', () => {
  const restore = (plan: string, baseline: object = {}, prepare?: (sandbox: Sandbox) => void) =>
    acting(
      defenderRestorePlan,
      {
        planId: `${scope}/providers/Microsoft.Security/pricings/${plan}`,
        baseline: JSON.parse(JSON.stringify(baseline)),
      },
      { where, ...(prepare && { prepare }) },
    );
  const plansOf = ({ rows }: Sandbox) => rows.get(defenderSetups, subscription)?.plans ?? {};

  it('has the sub plan and the extensions that the settings name, whatever the case of its name', async () => {
    const one = await restore('KEYVAULTS', { KeyVaults: { subPlan: 'PerTransaction', extensions: { Extra: true } } });
    await one.contain();
    expect(plansOf(one.sandbox)).toMatchObject({
      KeyVaults: { subPlan: 'PerTransaction', extensions: { Extra: true } },
    });
    expect(await one.isContained()).toBe(true);
  });

  it('comes back whole where the settings do not name it', async () => {
    const one = await restore('KeyVaults');
    expect(await one.plan()).toMatchObject([{ from: { pricingTier: 'Free' }, to: { pricingTier: 'Standard' } }]);
    await one.contain();
    expect(plansOf(one.sandbox)).toMatchObject({ KeyVaults: { subPlan: 'PerKeyVault' } });
    expect(await one.isContained()).toBe(true);
  });

  it('is left as it is where it is on, also otherwise than the settings say', async () => {
    expect(await (await restore('VirtualMachines', { VirtualMachines: { subPlan: 'P1' } })).plan()).toEqual([]);
  });
});

describe('a diagnostic setting that is made again', () => {
  const workspace = (name: string) =>
    `${scope}/resourceGroups/rg-security/providers/Microsoft.OperationalInsights/workspaces/${name}`;
  const wide = { scope, name: 'audit', workspaceId: workspace('law-security'), categoryGroups: ['audit'] };
  const restore = (baseline: readonly object[], prepare?: (sandbox: Sandbox) => void) =>
    acting(
      monitorRestoreDiagnosticSettings,
      {
        settingId: `${storageAccountId}/providers/Microsoft.Insights/diagnosticSettings/Audit`,
        baseline: JSON.parse(JSON.stringify(baseline)),
      },
      { where, ...(prepare && { prepare }) },
    );

  it('follows the narrowest scope that fits', async () => {
    const narrow = { ...wide, scope: storageAccountId.toUpperCase().replace('/SUBSCRIPTIONS', '/subscriptions') };
    const elsewhere = { ...wide, scope: `${storageAccountId}2`, categoryGroups: ['none'] };
    const one = await restore([elsewhere, wide, { ...narrow, categoryGroups: ['allLogs'] }]);
    expect(await one.plan()).toMatchObject([{ from: null, to: { categoryGroups: ['allLogs'] } }]);
  });

  it('is refused in words where nobody wrote down what it was', async () => {
    await expect((await restore([{ ...wide, name: 'other' }])).plan()).rejects.toThrow(InvalidInput);
  });

  it('is planned again where one of its name sends less', async () => {
    const one = await restore([wide], ({ rows }) =>
      rows.put(
        diagnosticSettings,
        `${storageAccountId}/providers/microsoft.insights/diagnosticsettings/audit`.toLowerCase(),
        {
          scope: storageAccountId,
          name: 'audit',
          properties: { workspaceId: workspace('law-security'), logs: [{ categoryGroup: 'audit', enabled: false }] },
        },
      ),
    );
    expect(await one.plan()).toMatchObject([{ from: { categoryGroups: [] }, to: { categoryGroups: ['audit'] } }]);
    await one.contain();
    expect(await one.isContained()).toBe(true);
  });
});
