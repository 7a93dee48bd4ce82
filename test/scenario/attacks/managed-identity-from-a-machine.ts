import { StorageManagementClient } from '@azure/arm-storage';
import { expect } from 'vitest';
import { reachFromAzure } from '../../../shared/sandbox/azure/network.ts';
import type { Attack } from '../../support/attack.ts';
import { blobUrl, fetchBlob, intoSandbox, vmId } from '../../support/azure.ts';
import { subscription, tenant } from '../../support/company.ts';
import { readEvent, withMembers } from '../../support/events.ts';

const machine = '0a1b2c3d-0000-4000-8000-00000000a003';
const invoices = '0a1b2c3d-0000-4000-8000-00000000a001';

/** Code on a web server asks the metadata service for a token and works with it from elsewhere. */
export const attack: Attack = {
  title: 'The token of a machine’s managed identity is read from its metadata service and used elsewhere',
  known: 'ATT&CK T1552.005, Defender ARM_OperationFromSuspiciousIP',
  answer: 'The identity’s role assignments are taken away, because nobody can revoke its tokens',
  clouds: ['azure'],
  async play({ sandbox, works, fails, arrives }) {
    const storage = () => new StorageManagementClient(sandbox.credential(machine), subscription, intoSandbox(sandbox));
    await works(
      'reads the metadata service',
      () => reachFromAzure(sandbox, { vmId, to: '169.254.169.254', port: 80 }) === 'connected',
    );
    await works('reads customers’ files', async () => (await fetchBlob(sandbox, blobUrl, machine)).status === 200);
    await works('opens a storage account', () =>
      storage().storageAccounts.update('rg-data', 'northwindexports', { allowBlobPublicAccess: true }),
    );
    const [run] = await arrives(
      withMembers(readEvent('defender/arm-suspicious-address'), {
        Severity: 'High',
        'Entities.1': { Type: 'service-principal', ServicePrincipalObjectId: machine, TenantId: tenant },
      }),
    );
    expect(run?.result?.outcome).toBe('contained');
    await fails('reads customers’ files');
    await fails('opens a storage account');
    expect((await fetchBlob(sandbox, blobUrl, invoices)).status).toBe(200);
  },
};
