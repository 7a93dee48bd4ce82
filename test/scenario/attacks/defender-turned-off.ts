import { ResourceManagementClient } from '@azure/arm-resources';
import { expect } from 'vitest';
import { raisesAlerts } from '../../../shared/sandbox/azure/defender-plans.ts';
import { refreshes } from '../../../shared/sandbox/azure/entra-users.ts';
import { principals } from '../../../shared/sandbox/azure/rows.ts';
import type { Attack } from '../../support/attack.ts';
import { intoSandbox } from '../../support/azure.ts';
import { subscription, tenant } from '../../support/company.ts';
import { readEvent } from '../../support/events.ts';

const jonas = '0a1b2c3d-0000-4000-8000-00000000e001';
const plan = `subscriptions/${subscription}/providers/Microsoft.Security/pricings/KeyVaults`;

/** Who signed in as an owner turns the plan off that would tell of what he does next. */
export const attack: Attack = {
  title: 'Signed in as an owner, somebody turns Defender for Key Vault off before he reads secrets',
  known: 'ATT&CK T1562.001: Impair Defenses, Disable or Modify Tools',
  answer: 'The plan is turned on again at once; when a person agrees, the user is signed out and disabled',
  clouds: ['azure'],
  async play({ sandbox, works, fails, arrives, agreed }) {
    const owner = { actions: ['*'], notActions: [], dataActions: [], notDataActions: [] };
    const assignments = [{ scope: `/subscriptions/${subscription}`, role: owner }];
    sandbox.rows.put(principals, jonas, { id: jonas, name: 'jonas.berg', tenant, graph: [], assignments });
    const signedInAt = sandbox.clock.now();
    const arm = new ResourceManagementClient(sandbox.credential(jonas), subscription, intoSandbox(sandbox));
    const off = { properties: { pricingTier: 'Free' } };

    await works('turns the plan off', async () => {
      if (!refreshes(sandbox, jonas, signedInAt)) throw new Error('the session has ended');
      await arm.resources.createOrUpdateById(plan, '2024-01-01', off);
    });
    await works('reads secrets unseen', () => !raisesAlerts(sandbox.rows, subscription, 'KeyVaults'));

    const [asked] = await arrives(readEvent('activity-log/defender-turned-off'));
    expect(asked?.status).toBe('waiting');
    await fails('reads secrets unseen');
    sandbox.clock.advance(60);
    await agreed(); // to ending the sign-ins
    const [run] = await agreed(); // to disabling the user
    expect(run?.result?.outcome).toBe('contained');
    await fails('turns the plan off');
  },
};
