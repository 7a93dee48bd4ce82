import type { ActionLife } from '../../support/check-action.ts';
import { subscription } from '../../support/company.ts';

export const life: ActionLife = {
  input: {
    applicationId: '0a1b2c3d-0000-4000-8000-00000000c002',
    keyId: '0a1b2c3d-0000-4000-8000-00000000b0b2',
  },
  where: { account: subscription, region: '' },
  unused: {
    'entra:microsoft.directory/servicePrincipals/credentials/update':
      'only where the secret stands on the service principal',
  },
  attack: (sandbox) =>
    sandbox
      .credential('0a1b2c3d-0000-4000-8000-00000000a002', 'pipeline-secret')
      .getToken('https://management.azure.com/.default')
      .then(
        () => true,
        () => false,
      ),
};
