import { createHash } from 'node:crypto';
import type { View } from '../rows.ts';
import { table } from '../rows.ts';
import { AzureFault } from './fault.ts';
import { type ResourceRow, resources } from './rows.ts';

/** What a container lets strangers see (learn.microsoft.com/azure/storage/blobs/anonymous-read-access-configure). */
export type ContainerRow = {
  readonly account: string;
  readonly name: string;
  readonly publicAccess: 'None' | 'Blob' | 'Container';
  /** A legal hold: what is in it can be neither changed nor deleted. */
  readonly legalHold: boolean;
};

/** How the blob service of an account keeps what was deleted. */
export type ServiceRow = { readonly softDeleteDays: number; readonly versioning: boolean };

export type BlobRow = {
  readonly account: string;
  readonly container: string;
  readonly name: string;
  /** Base64. */
  readonly content: string;
  readonly contentType: string;
  /** Uploaded in blocks: the service keeps no MD5 of it. */
  readonly unhashed?: boolean;
  readonly metadata: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  /** As the header shows it, in quotes. */
  readonly eTag: string;
  readonly lastModified: string;
  /** When it was deleted, as long as it is kept. */
  readonly deletedAt?: string;
  /** Deleted in an account that keeps versions: undelete does not bring it back as the blob it was. */
  readonly isVersion?: boolean;
};

/** Keyed by `account/container`. */
export const containers = table<ContainerRow>('azure.storage.containers');
/** Keyed by account. */
export const blobServices = table<ServiceRow>('azure.storage.services');
/** Keyed by `account/container/name`. */
export const blobs = table<BlobRow>('azure.storage.blobs');

export const blobKey = ({ account, container, name }: Pick<BlobRow, 'account' | 'container' | 'name'>): string =>
  `${account}/${container}/${name}`;

export const md5Of = ({ content }: BlobRow): string =>
  createHash('md5').update(Buffer.from(content, 'base64')).digest('base64');

const accountType = 'microsoft.storage/storageaccounts';

/** The storage account of a name, which is the same all over the world. */
export function accountNamed(view: View, name: string): ResourceRow {
  const found = view.all(resources).find(([, row]) => row.type.toLowerCase() === accountType && row.name === name);
  if (found) return found[1];
  throw new AzureFault(404, 'ResourceNotFound', 'The specified resource does not exist.');
}
