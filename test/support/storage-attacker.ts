import {
  BlobServiceClient,
  generateAccountSASQueryParameters,
  generateBlobSASQueryParameters,
} from '@azure/storage-blob';
import {
  AccountSASPermissions,
  AccountSASResourceTypes,
  AccountSASServices,
  AnonymousCredential,
  BlobSASPermissions,
  ContainerClient,
  SASProtocol,
  StorageSharedKeyCredential,
} from '@azure/storage-blob';
import { accountKey } from '../../shared/sandbox/azure/storage-keys.ts';
import type { Sandbox } from '../../shared/sandbox/sandbox.ts';
import { azureId, intoSandbox } from './azure.ts';

export const ordersAccount = 'northwindorders';
export const ordersAccountId = azureId('rg-data', 'Microsoft.Storage/storageAccounts', ordersAccount);
const ordersUrl = `https://${ordersAccount}.blob.core.windows.net/orders`;
const ordersBlob = '2026/11/orders.csv';

/** The storage client names the type of its transport otherwise and takes the same one. */
const options = (sandbox: Sandbox): object => intoSandbox(sandbox);
const credential = () => new StorageSharedKeyCredential(ordersAccount, accountKey(ordersAccount, 'key1'));
const later = ({ clock }: Sandbox): Date => new Date(clock.milliseconds + 86_400_000);

/** The container of orders, for whoever holds a key of its account. */
export const withKey = (sandbox: Sandbox): ContainerClient =>
  new ContainerClient(ordersUrl, credential(), options(sandbox));

/** The container of orders, for whoever holds a signature over the whole account. */
export function withAccountSignature(sandbox: Sandbox): ContainerClient {
  const signature = generateAccountSASQueryParameters(
    {
      expiresOn: later(sandbox),
      permissions: AccountSASPermissions.parse('rl'),
      services: AccountSASServices.parse('b').toString(),
      resourceTypes: AccountSASResourceTypes.parse('sco').toString(),
      protocol: SASProtocol.Https,
    },
    credential(),
  );
  return new ContainerClient(`${ordersUrl}?${signature}`, new AnonymousCredential(), options(sandbox));
}

const asked = (sandbox: Sandbox) => ({
  containerName: 'orders',
  blobName: ordersBlob,
  expiresOn: later(sandbox),
  permissions: BlobSASPermissions.parse('r'),
  version: '2022-11-02',
});

/** The container of orders, for whoever holds a signature for one blob of it. */
export const withServiceSignature = (sandbox: Sandbox): ContainerClient =>
  new ContainerClient(
    `${ordersUrl}?${generateBlobSASQueryParameters(asked(sandbox), credential())}`,
    new AnonymousCredential(),
    options(sandbox),
  );

/** The same, signed with the key that a principal was given. */
export async function withDelegatedSignature(sandbox: Sandbox, principal: string): Promise<ContainerClient> {
  const service = new BlobServiceClient(
    `https://${ordersAccount}.blob.core.windows.net`,
    sandbox.credential(principal),
    options(sandbox),
  );
  const key = await service.getUserDelegationKey(new Date(sandbox.clock.milliseconds), later(sandbox));
  const signature = generateBlobSASQueryParameters(asked(sandbox), key, ordersAccount);
  return new ContainerClient(`${ordersUrl}?${signature}`, new AnonymousCredential(), options(sandbox));
}

/** Downloads the orders, and gives what they say. */
export async function download(container: ContainerClient): Promise<string> {
  return (await container.getBlobClient(ordersBlob).downloadToBuffer()).toString();
}

/** Whether the orders can be downloaded. */
export const downloads = (container: ContainerClient): Promise<boolean> =>
  download(container).then(
    () => true,
    () => false,
  );
