import { AnonymousCredential, ContainerClient } from '@azure/storage-blob';
import { expect } from 'vitest';
import { containers } from '../../../shared/sandbox/azure/storage-rows.ts';
import type { Attack } from '../../support/attack.ts';
import { intoSandbox, storageAccountId } from '../../support/azure.ts';
import { readEvent, withMembers } from '../../support/events.ts';

/** Names of containers are guessed until one answers. */
export const attack: Attack = {
  title: 'Names of containers are guessed until one lists what is in it to strangers, who download it',
  known:
    'MITRE ATT&CK T1619, T1530; MicroBurst Invoke-EnumerateAzureBlobs; Defender Storage.Blob_OpenContainersScanning.SuccessfulDiscovery',
  answer: 'The account lets no stranger in any more, whatever its containers say',
  clouds: ['azure'],
  async play({ sandbox, works, fails, arrives }) {
    const row = sandbox.rows.get(containers, 'northwindexports/exports');
    if (row) sandbox.rows.put(containers, 'northwindexports/exports', { ...row, publicAccess: 'Container' });
    const guess = (name: string) =>
      new ContainerClient(
        `https://northwindexports.blob.core.windows.net/${name}`,
        new AnonymousCredential(),
        intoSandbox(sandbox) as object, // it names the type of its transport otherwise and takes the same one
      );
    const list = async () => {
      const names: string[] = [];
      for (const name of ['exports']) for await (const blob of guess(name).listBlobsFlat()) names.push(blob.name);
      return names.length > 0;
    };
    await works('lists the exports', list);
    await works('downloads a list of customers', () =>
      guess('exports').getBlobClient('2026/11/customers.csv').downloadToBuffer(),
    );
    const [run] = await arrives(
      withMembers(readEvent('defender/storage-exfiltration'), {
        AlertType: 'Storage.Blob_OpenContainersScanning.SuccessfulDiscovery',
        AzureResourceId: storageAccountId,
        ResourceIdentifiers: [],
        ExtendedProperties: { 'authentication type': 'Anonymous' },
      }),
    );
    expect(run?.result?.outcome).toBe('contained');
    await fails('lists the exports');
    await fails('downloads a list of customers');
  },
};
