import { roleAssignments } from '../../../shared/sandbox/azure/role-assignments.ts';
import { azureId, blobUrl, fetchBlob } from '../../support/azure.ts';
import type { ActionLife } from '../../support/check-action.ts';
import { subscription } from '../../support/company.ts';

const machine = '0a1b2c3d-0000-4000-8000-00000000a003';
const assignment = `${azureId('rg-data', 'Microsoft.Authorization', 'roleAssignments')}/0a1b2c3d-0000-4000-8000-00000000d004`;

export const life: ActionLife = {
  input: { principalId: machine },
  where: { account: subscription, region: '' },
  attack: async (sandbox) => (await fetchBlob(sandbox, blobUrl, machine)).status === 200,
  // somebody gives the same again, under the same name and with a reason
  edit: ({ rows }) =>
    rows.put(roleAssignments, assignment.toLowerCase(), {
      name: '0a1b2c3d-0000-4000-8000-00000000d004',
      scope: `/subscriptions/${subscription}/resourceGroups/rg-data`,
      principalId: machine,
      roleId: 'b24988ac-6180-42a0-ab88-20f7382dd24c',
      more: { description: 'needed for the night run' },
    }),
};
