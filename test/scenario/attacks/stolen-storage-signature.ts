import { expect } from 'vitest';
import { addressHeader } from '../../../shared/sandbox/azure/client-address.ts';
import type { Attack } from '../../support/attack.ts';
import { readEvent, withMembers } from '../../support/events.ts';
import { download, withAccountSignature, withServiceSignature } from '../../support/storage-attacker.ts';

/** A shared access signature stood in a page that anybody could read. */
export const attack: Attack = {
  title: 'A signature over a whole storage account is found in a page and used from elsewhere',
  known: 'MITRE ATT&CK T1552.001, T1530; Defender Storage.Blob_AccountSas.UnusualExternalAccess',
  answer:
    'Once a person agrees, no key and no signature made with one is taken any more, and strange networks are shut out',
  clouds: ['azure'],
  async play({ sandbox, works, fails, arrives, agreed }) {
    const found = withAccountSignature(sandbox);
    const names = async () => {
      const listed: string[] = [];
      for await (const { name } of found.listBlobsFlat()) listed.push(name);
      return listed.length > 0;
    };
    await works('lists the orders', names);
    await works('downloads the orders', () => download(found));
    await works('uses a signature for one blob', () => download(withServiceSignature(sandbox)));
    const exfiltration = readEvent('defender/storage-exfiltration');
    const said = { ...(exfiltration['ExtendedProperties'] as object), 'authentication type': 'SAS' }; // an object in the fixture
    const [run] = await arrives(withMembers(exfiltration, { ExtendedProperties: said }));
    expect(run?.status).toBe('waiting');
    await agreed();
    const [ended] = await agreed();
    expect(ended?.result?.outcome).toBe('contained');
    for (const what of ['lists the orders', 'downloads the orders', 'uses a signature for one blob']) await fails(what);
    const { token } = await sandbox
      .credential('0a1b2c3d-0000-4000-8000-00000000c0de')
      .getToken('https://storage.azure.com');
    const worker = await sandbox.handle({
      method: 'GET',
      url: new URL('https://northwindorders.blob.core.windows.net/orders/2026/11/orders.csv'),
      headers: { authorization: `Bearer ${token}`, [addressHeader]: '10.20.2.6' },
      body: new Uint8Array(),
    });
    expect(worker.status, 'a principal in a subnet that the rules name still reads').toBe(200);
  },
};
