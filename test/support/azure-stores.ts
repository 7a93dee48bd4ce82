import { AzureNamedKeyCredential, TableClient } from '@azure/data-tables';
import { ContainerClient, StorageSharedKeyCredential } from '@azure/storage-blob';
import { blobEvidence } from '../../shared/adapters/azure/evidence.ts';
import { tablesRecords } from '../../shared/adapters/azure/records.ts';
import { patience } from '../../shared/adapters/azure/store-call.ts';
import type { Records } from '../../shared/ports/records.ts';
import { type Fate, type Line, openLine } from './line.ts';
import type { StoreUnderTest } from './records-contract.ts';
import { counted } from './store.ts';

/** A storage account on the loopback interface, whoever serves it. */
export type LocalAccount = {
  readonly credential: { readonly name: string; readonly key: string };
  readonly tables: string;
  readonly blobs: string;
};

/** Nothing is waited for between attempts. */
export const hasty = { ...patience, pausesMilliseconds: [0, 0, 0] };
/** Every store here is another writer. */
const ids = counted('writer');

/** Records in a table of the account, reached at `endpoint`. */
export const recordsIn = (table: string, { credential, tables }: LocalAccount, endpoint = tables): Records =>
  tablesRecords({ endpoint, table, credential, ids, client: { allowInsecureConnection: true }, patience: hasty });

/** Makes a table. */
export async function createTable(table: string, { credential: { name, key }, tables }: LocalAccount): Promise<void> {
  const options = { allowInsecureConnection: true };
  await new TableClient(tables, table, new AzureNamedKeyCredential(name, key), options).createTable();
}

/** Records in a new table, evidence in a container that is there, both of one account. */
export async function azureStore(account: LocalAccount, table: string, container: string): Promise<StoreUnderTest> {
  await createTable(table, account);
  const { credential, tables, blobs } = account;
  const lines: Line[] = [];
  const evidence = () => blobEvidence({ endpoint: blobs, container, credential, patience: hasty });
  const known = new StorageSharedKeyCredential(credential.name, credential.key);
  return {
    records: recordsIn(table, account),
    other: recordsIn(table, account),
    evidence: evidence(),
    otherEvidence: evidence(),
    async over(fate: Fate) {
      const { origin, pathname } = new URL(tables);
      const line = await openLine(origin, fate);
      lines.push(line);
      return recordsIn(table, account, line.url + pathname.replace(/\/$/, ''));
    },
    async alter(digest) {
      const text = '{"before":"Inactive"}';
      const blob = new ContainerClient(`${blobs}/${container}`, known).getBlockBlobClient(digest);
      await blob.upload(text, text.length);
    },
    close: async () => void (await Promise.all(lines.map((line) => line.close()))),
  };
}
