import { AzureFault } from './fault.ts';
import type { AzureCall, Need } from './operation.ts';
import { sharedAccess } from './shared-access.ts';
import { permitsStrangers } from './storage-accounts.ts';
import { checkNetwork } from './storage-network.ts';
import { accountNamed, containers } from './storage-rows.ts';

/** The resource type by which roles name the rights on blobs. */
export const blobType = 'Microsoft.Storage/storageAccounts/blobServices/containers/blobs';

/** The container or blob that a URL names; of a container the name is empty. */
export type Place = { readonly account: string; readonly container: string; readonly name: string };

export const placeAt = (url: URL): Place => {
  const [, container = '', ...rest] = decodeURIComponent(url.pathname).split('/');
  return { account: url.hostname.split('.')[0] ?? '', container, name: rest.join('/') };
};

/** The right on data that somebody with a token needs. */
export const needOf = ({ world }: Pick<AzureCall, 'world'>, { account, container }: Place, right: string): Need => ({
  action: `${blobType}/${right}`,
  scope: `${accountNamed(world.rows, account).id}/blobServices/default/containers/${container}`,
  data: true,
});

/** Serves whoever brings a key or a signature of the account; refuses everybody whom its network rules keep out. */
export const withoutToken =
  (method: string, letter: string, right: string) =>
  (call: AzureCall): boolean => {
    const place = placeAt(call.url);
    checkNetwork(call, place.account);
    return !call.caller && sharedAccess(call, method, { ...place, letter, need: needOf(call, place, right) });
  };

/** Serves strangers where the account permits it and the container says so; otherwise refuses as the service does. */
export function strangerReads({ world, view, caller, url }: AzureCall, also: 'Blob' | 'Container' = 'Blob'): boolean {
  if (caller) return false;
  const { account, container } = placeAt(url);
  if (!permitsStrangers(accountNamed(view, account)))
    throw new AzureFault(409, 'PublicAccessNotPermitted', 'Public access is not permitted on this storage account.');
  const level = world.rows.get(containers, `${account}/${container}`)?.publicAccess ?? 'None';
  if (level !== 'Container' && level !== also)
    throw new AzureFault(404, 'ResourceNotFound', 'The specified resource does not exist.');
  return true;
}
