import { ContainerClient, StorageSharedKeyCredential } from '@azure/storage-blob';
import { beforeAll } from 'vitest';
import * as z from 'zod';
import { azureStore } from '../../support/azure-stores.ts';
import { recordsContract } from '../../support/records-contract.ts';

const { account } = z
  .object({
    account: z.object({
      credential: z.object({ name: z.string(), key: z.string() }),
      tables: z.string(),
      blobs: z.string(),
    }),
  })
  .parse({ account: JSON.parse(process.env['CORDON_ACCEPT_AZURITE'] ?? 'null') });

const container = 'evidence';
let tables = 0;

beforeAll(async () => {
  const { name, key } = account.credential;
  await new ContainerClient(`${account.blobs}/${container}`, new StorageSharedKeyCredential(name, key)).create();
});

recordsContract('Azurite', () => {
  tables += 1;
  return azureStore(account, `records${tables}`, container);
});
