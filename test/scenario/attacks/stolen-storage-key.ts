import { StorageManagementClient } from '@azure/arm-storage';
import { expect } from 'vitest';
import type { Attack } from '../../support/attack.ts';
import { allowAll, intoSandbox } from '../../support/azure.ts';
import { subscription } from '../../support/company.ts';
import { readEvent } from '../../support/events.ts';
import { download, withKey } from '../../support/storage-attacker.ts';

/** Somebody who may list the keys of a storage account takes one with him. */
export const attack: Attack = {
  title: 'A key of a storage account is listed once, and data is downloaded with it from elsewhere',
  known: 'MITRE ATT&CK T1528, T1530; Defender Storage.Blob_DataExfiltration.AmountOfDataAnomaly',
  answer: 'Once a person agrees, the account takes its keys no more; principals of the company still get in',
  clouds: ['azure'],
  async play({ sandbox, works, fails, arrives, agreed }) {
    const insider = sandbox.credential(allowAll(sandbox));
    const accounts = new StorageManagementClient(insider, subscription, intoSandbox(sandbox)).storageAccounts;
    await works('lists the keys', () => accounts.listKeys('rg-data', 'northwindorders'));
    await works('downloads the orders with a key', () => download(withKey(sandbox)));
    const [run] = await arrives(readEvent('defender/storage-exfiltration'));
    expect(run?.status).toBe('waiting');
    const [ended] = await agreed();
    expect(ended?.result?.outcome).toBe('contained');
    await fails('downloads the orders with a key');
  },
};
