import { rewrite, vmId } from '../../support/azure.ts';
import type { ActionLife } from '../../support/check-action.ts';
import { subscription } from '../../support/company.ts';

export const life: ActionLife = {
  input: { resourceId: vmId, tags: { incident: 'IR-2026-118', environment: 'quarantined' } },
  where: { account: subscription, region: '' },
  attack: { none: 'a tag says what happened and stops nobody' },
  edit: (sandbox) => rewrite(sandbox, vmId, ({ tags }) => ({ tags: { ...tags, incident: 'IR-2026-119' } })),
};
