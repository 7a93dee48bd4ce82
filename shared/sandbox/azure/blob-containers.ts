import * as z from 'zod';
import { blobType, needOf, placeAt, strangerReads, withoutToken } from './blob-access.ts';
import { AzureFault } from './fault.ts';
import { azureNoun } from './noun.ts';
import type { AzureAnswer, AzureCall, AzureOperation } from './operation.ts';
import { delegationKey } from './storage-keys.ts';
import { accountNamed, type BlobRow, blobs, containers } from './storage-rows.ts';

const xml = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
const head = '<?xml version="1.0" encoding="utf-8"?>';
const asXml = (bytes: string): AzureAnswer => ({ status: 200, headers: { 'content-type': 'application/xml' }, bytes });

const listed = ({ name, contentType, content, eTag, lastModified }: BlobRow): string =>
  `<Blob><Name>${xml(name)}</Name><Properties><Last-Modified>${new Date(lastModified).toUTCString()}</Last-Modified><Etag>${eTag}</Etag><Content-Length>${Buffer.from(content, 'base64').length}</Content-Length><Content-Type>${xml(contentType)}</Content-Type><BlobType>BlockBlob</BlobType></Properties></Blob>`;

/** List Blobs, in one page (learn.microsoft.com/rest/api/storageservices/list-blobs); strangers only where the container lets them list. */
const list: AzureOperation = {
  host: 'blob',
  method: 'GET',
  path: '/{container}',
  query: { restype: 'container', comp: 'list' },
  operation: `${blobType}/read`,
  reads: true,
  needs: (call) => [needOf(call, placeAt(call.url), 'read')],
  anonymous: (call) => withoutToken('GET', 'l', 'read')(call) || strangerReads(call, 'Container'),
  does({ view, url }) {
    const { account, container } = placeAt(url);
    if (!view.get(containers, `${account}/${container}`))
      throw new AzureFault(404, 'ContainerNotFound', 'The specified container does not exist.');
    const prefix = url.searchParams.get('prefix') ?? '';
    const found = view
      .all(blobs)
      .map(([, row]) => row)
      .filter((row) => row.account === account && row.container === container && row.name.startsWith(prefix))
      .filter(({ deletedAt }) => deletedAt === undefined);
    const body = found.map(listed).join('');
    return asXml(
      `${head}<EnumerationResults ServiceEndpoint="https://${account}.blob.core.windows.net/" ContainerName="${xml(container)}"><Blobs>${body}</Blobs><NextMarker /></EnumerationResults>`,
    );
  },
};

const right = 'Microsoft.Storage/storageAccounts/blobServices/generateUserDelegationKey/action';
const inBody = (text: string, name: string): string => new RegExp(`<${name}>([^<]*)</${name}>`).exec(text)?.[1] ?? '';

/** learn.microsoft.com/rest/api/storageservices/get-user-delegation-key */
const userDelegationKey: AzureOperation = {
  host: 'blob',
  method: 'POST',
  path: '/',
  query: { restype: 'service', comp: 'userdelegationkey' },
  operation: right,
  reads: true,
  needs: ({ world, url }: AzureCall) => [{ action: right, scope: accountNamed(world.rows, placeAt(url).account).id }],
  does({ caller, url, bytes, headers }) {
    const { account } = placeAt(url);
    const text = Buffer.from(bytes).toString();
    const said = {
      oid: caller?.id ?? '',
      tid: caller?.tenant ?? '',
      start: inBody(text, 'Start'),
      expiry: inBody(text, 'Expiry'),
      service: 'b',
      version: headers['x-ms-version'] ?? '',
    };
    return asXml(
      `${head}<UserDelegationKey><SignedOid>${said.oid}</SignedOid><SignedTid>${said.tid}</SignedTid><SignedStart>${said.start}</SignedStart><SignedExpiry>${said.expiry}</SignedExpiry><SignedService>${said.service}</SignedService><SignedVersion>${said.version}</SignedVersion><Value>${delegationKey(account, said)}</Value></UserDelegationKey>`,
    );
  },
};

/** What is asked of whole containers and of the blob service: they stand in an estate under their storage account. */
export const containerOperations = azureNoun({
  name: 'containerOperations',
  scope: 'subscription',
  estate: z.undefined(),
  seed: () => undefined,
  operations: [list, userDelegationKey],
});
