import { IAMClient, ListAccessKeysCommand } from '@aws-sdk/client-iam';
import { expect } from 'vitest';
import { blobKey, blobs } from '../../../shared/sandbox/azure/storage-rows.ts';
import type { Attack } from '../../support/attack.ts';
import { fetchBlob, storageAccountId } from '../../support/azure.ts';
import { readEvent, withMembers } from '../../support/events.ts';
import { leakedKey } from '../../support/road.ts';

const url = 'https://northwindexports.blob.core.windows.net/exports/deploy.env';
const settings = 'AWS_ACCESS_KEY_ID=AKIACIDEPLOY00000001\nAWS_SECRET_ACCESS_KEY=ci-deploy-secret\n';

/** A key of AWS lies in a storage account of Azure that strangers read. */
export const attack: Attack = {
  title: 'An AWS access key is found in a blob of Azure that strangers can read, and used from an address of Azure',
  known: 'ATT&CK T1552.001 and T1530; Defender Storage.Blob_AnonymousAccessAnomaly',
  answer: 'Strangers are shut out of the storage account, the key’s user is quarantined and the key turned off',
  clouds: ['aws', 'azure'],
  async play({ sandbox, works, fails, arrives }) {
    const place = { account: 'northwindexports', container: 'exports', name: 'deploy.env' };
    const [[, like] = []] = sandbox.rows.all(blobs).filter(([, one]) => one.container === place.container);
    if (!like) throw new Error('the estate has no exports');
    sandbox.rows.put(blobs, blobKey(place), { ...like, ...place, content: Buffer.from(settings).toString('base64') });
    const found: Record<string, string> = {};
    await works('reads the file with the key', async () => {
      const { status, text } = await fetchBlob(sandbox, url);
      for (const [, name = '', value = ''] of text.matchAll(/^(\w+)=(.+)$/gm)) found[name] = value;
      return status === 200;
    });
    const iam = new IAMClient({
      region: 'eu-west-1',
      requestHandler: sandbox.requestHandler,
      maxAttempts: 1,
      credentials: {
        accessKeyId: found['AWS_ACCESS_KEY_ID'] ?? '',
        secretAccessKey: found['AWS_SECRET_ACCESS_KEY'] ?? '',
      },
    });
    await works('works with the key', () => iam.send(new ListAccessKeysCommand({ UserName: 'ci-deploy' })));
    const [onAws] = await arrives(leakedKey().event);
    const [onAzure] = await arrives(
      withMembers(readEvent('defender/vm-brute-force-export'), {
        AlertType: 'Storage.Blob_AnonymousAccessAnomaly',
        AlertDisplayName: 'Unusual unauthenticated access to a storage container',
        AzureResourceId: storageAccountId,
        ResourceIdentifiers: [],
        Entities: [],
      }),
    );
    expect([onAws, onAzure].map((run) => run?.result?.outcome)).toEqual(['contained', 'contained']);
    await fails('reads the file with the key');
    await fails('works with the key');
  },
};
