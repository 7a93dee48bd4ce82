import { parseArmId } from '../../model/identifiers.ts';

/** One blob by its name as it is, not as a URL writes it. */
export type BlobName = {
  readonly host: string;
  readonly account: string;
  readonly container: string;
  readonly blob: string;
};

const uri =
  /^https:\/\/(([a-z0-9]{3,24})(?:\.z\d\d)?\.blob\.(?:core\.windows\.net|storage\.azure\.net|core\.usgovcloudapi\.net|core\.chinacloudapi\.cn))\/([^/?#]+)\/(.+)$/s;

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a bare percent sign: it was not encoded
  }
}

/**
 * The blob that a URI of Defender names. It comes with blanks unescaped, so a `%20` in it may be either; `known`, the
 * name as told elsewhere in the same message, says which. Where the two name different blobs, or the name would lead a
 * URL elsewhere, there is no blob.
 */
export function blobAt(text: string, known?: string): BlobName | undefined {
  const [, host, account, container, raw] = uri.exec(text) ?? [];
  if (!host || !account || !container || !raw) return undefined;
  const readings = /[?#]/.test(raw) ? [] : [decoded(raw)];
  const blob = known === undefined ? readings[0] : [raw, ...readings].find((name) => name === known);
  if (!blob?.isWellFormed() || blob.split('/').some((part) => part === '.' || part === '..')) return undefined;
  return { host, account, container, blob };
}

/** The URL by which a blob is known here: every part of its name encoded once. */
export const blobUrl = ({ host, container, blob }: BlobName): string =>
  `https://${host}/${container}/${blob.split('/').map(encodeURIComponent).join('/')}`;

/** Whether an ARM id is that of the storage account of this name. */
export const isStorageAccount = (id: string, name: string): boolean => {
  const arm = parseArmId(id);
  return arm?.type.toLowerCase() === 'microsoft.storage/storageaccounts' && arm.name.toLowerCase() === name;
};
