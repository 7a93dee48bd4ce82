import { InvalidInput } from '../../model/error.ts';
import { shortDigest } from '../../model/json.ts';

/** The storage account and container that a blob lies in. */
export type BlobPlace = { readonly account: string; readonly container: string };

const shape = /^https:\/\/([a-z0-9]{3,24})(?:\.z\d\d)?\.blob\.core\.windows\.net\/(\$?[a-z0-9-]{1,63})\/[^?#]+$/;

/** Whether every percent sign stands for a byte of UTF-8, as the SDK needs it to read the name. */
function isDecodable(url: string): boolean {
  try {
    return decodeURIComponent(url) !== '';
  } catch (thrown) {
    if (thrown instanceof URIError) return false;
    throw thrown;
  }
}

/** Reads the URL of a blob in Azure's public cloud, without a query; undefined for anything else. */
export function blobPlace(url: string): BlobPlace | undefined {
  const [, account, container] = shape.exec(url) ?? [];
  if (!account || !container || !URL.canParse(url) || new URL(url).href !== url || !isDecodable(url)) return undefined;
  return { account, container };
}

/** The container of the quarantine account, made when it is set up. */
const quarantine = 'cordon-quarantine';

/** Where the copy of one version of a blob lies: the same for every run that finds it. */
export function copyUrl(url: string, eTag: string, quarantineAccount: string | undefined): string {
  const source = blobPlace(url);
  if (quarantineAccount === undefined || !source)
    throw new InvalidInput({
      code: 'no-quarantine-account',
      message: 'there is no storage account to keep the copy in',
      remedy: `Set azure.quarantineStorageAccount and make the container ${quarantine} in it.`,
    });
  if (source.account === quarantineAccount)
    throw new InvalidInput({
      code: 'already-quarantined',
      message: `${url} lies in the quarantine account itself`,
      remedy: 'Leave the quarantine account out of malware scanning.',
    });
  const name = `${source.account}/${source.container}/${shortDigest({ url, eTag })}`;
  return `https://${quarantineAccount}.blob.core.windows.net/${quarantine}/${name}`;
}
