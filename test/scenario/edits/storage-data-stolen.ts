import { asJson } from '../../../shared/model/json.ts';
import { rewrite } from '../../support/azure.ts';
import type { EditedPlaybook } from '../../support/foreign-edit.ts';
import { ordersAccountId } from '../../support/storage-attacker.ts';

const setting = (changed: object) => (one: Parameters<typeof rewrite>[0]) =>
  rewrite(one, ordersAccountId, ({ properties }) => ({
    properties: { ...properties, ...(asJson(changed) as object) }, // an object, as given
  }));

/** An account that takes its keys no more. */
export const edited: EditedPlaybook = {
  playbook: 'storage-data-stolen',
  event: 'defender/storage-exfiltration',
  edits: [
    { name: 'strange networks are shut out by hand', make: setting({ publicNetworkAccess: 'Disabled' }) },
    { name: 'old versions of TLS are refused', make: setting({ minimumTlsVersion: 'TLS1_3' }) },
    {
      name: 'the account is tagged',
      make: (one) => rewrite(one, ordersAccountId, ({ tags }) => ({ tags: { ...tags, incident: 'INC-4711' } })),
    },
  ],
};
