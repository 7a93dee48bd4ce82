import { ResourceManagementClient } from '@azure/arm-resources';
import { expect } from 'vitest';
import type { Attack } from '../../support/attack.ts';
import { atOnce, intoSandbox, vmId } from '../../support/azure.ts';
import { subscription } from '../../support/company.ts';
import { readEvent, withMembers } from '../../support/events.ts';

const jonas = '0a1b2c3d-0000-4000-8000-00000000e001';
const maria = '0a1b2c3d-0000-4000-8000-00000000e002';
const scope = `/subscriptions/${subscription}`;
const assignment = (name: string): string => `${scope}/providers/Microsoft.Authorization/roleAssignments/${name}`;
const owner = `${scope}/providers/Microsoft.Authorization/roleDefinitions/8e3af657-a8ff-443c-a75c-2fe8c4bcb635`;
const given = assignment('0a1b2c3d-0000-4000-8000-0000000f0d01');

/** Who may give roles makes another user Owner of the whole subscription. */
export const attack: Attack = {
  title: 'A stolen administrator makes another user Owner of a whole subscription',
  known: 'ATT&CK T1098.003, Additional Cloud Roles',
  answer: 'Once a person agrees the assignment is taken away; those who own the subscription rightly stay',
  clouds: ['azure'],
  async play({ sandbox, works, fails, arrives, agreed }) {
    const as = (id: string) => new ResourceManagementClient(sandbox.credential(id), subscription, intoSandbox(sandbox));
    const gives = (from: string, id: string, principalId: string) =>
      as(from).resources.beginCreateOrUpdateByIdAndWait(
        id.slice(1),
        '2022-04-01',
        { properties: { roleDefinitionId: owner, principalId } },
        atOnce,
      );
    await gives(maria, given, jonas);
    await works('the new owner writes the tags of a machine', () =>
      as(jonas).tagsOperations.updateAtScope(vmId.slice(1), { operation: 'Merge', properties: { tags: {} } }),
    );
    await arrives(
      withMembers(readEvent('activity-log/security-rule-written'), {
        'data.operationName': 'Microsoft.Authorization/roleAssignments/write',
        'data.resourceUri': given,
        subject: given,
        'data.correlationId': '5f0e1d2c-3b4a-4000-8000-0000000000a7',
      }),
    );
    const [run] = await agreed();
    expect(run?.result?.outcome).toBe('contained');
    await fails('the new owner writes the tags of a machine');
  },
};
