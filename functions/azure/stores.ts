import { randomUUID } from 'node:crypto';
import type { TokenCredential } from '@azure/core-auth';
import type { TableServiceClientOptions } from '@azure/data-tables';
import type { StoragePipelineOptions } from '@azure/storage-blob';
import type { Anchor } from '../../shared/ports/anchor.ts';
import type { Evidence } from '../../shared/ports/evidence.ts';
import type { Records } from '../../shared/ports/records.ts';
import type { CloudStores, Environment } from '../environment.ts';

/** What differs from the SDKs' own settings: the transports, where they are not the network. */
type Transports = { readonly tables?: TableServiceClientOptions; readonly blobs?: StoragePipelineOptions };
/** Who asks, and how. */
type Access<C> = { readonly credential: TokenCredential; readonly client: C };

/** What is made once, when it is first asked for; a failure is told, and tried anew the next time. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make().catch((thrown: unknown) => {
      made = undefined;
      throw thrown;
    });
    return made;
  };
}

/**
 * The identity that holds the deployment's own state: a user-assigned one where its client id is given, else the
 * system-assigned one. Needs Storage Table Data Contributor and Storage Blob Data Contributor there;
 * the doctor looks with Reader on the resource group, which opens no data.
 */
export function homeIdentity(environment: Environment): TokenCredential {
  const identity = once(async () => {
    const { ManagedIdentityCredential } = await import('@azure/identity');
    const clientId = environment['CORDON_AZURE_HOME_CLIENT_ID'];
    return clientId ? new ManagedIdentityCredential({ clientId }) : new ManagedIdentityCredential();
  });
  return { getToken: async (scopes, options) => (await identity()).getToken(scopes, options) };
}

/** The part of a name before its first slash, and what follows. */
const parted = (name: string): readonly [string, string] => {
  const at = name.indexOf('/');
  return [name.slice(0, at), name.slice(at + 1)];
};

async function tables(name: string, access: Access<TableServiceClientOptions>): Promise<Records> {
  const [account, table] = parted(name);
  const { tablesRecords } = await import('../../shared/adapters/azure/records.ts');
  const endpoint = `https://${account}.table.core.windows.net`;
  return tablesRecords({ endpoint, table, ...access, ids: { token: randomUUID } });
}

/** The SDK is loaded when the first evidence is put or read: an event that opens no run needs none. */
function blob(name: string, access: Access<StoragePipelineOptions>): Evidence {
  const [account, path] = parted(name);
  const [container = '', ...folders] = path.split('/');
  const loaded = once(async () => {
    const { blobEvidence } = await import('../../shared/adapters/azure/evidence.ts');
    const endpoint = `https://${account}.blob.core.windows.net`;
    return blobEvidence({ endpoint, container, ...access, prefix: folders.map((folder) => `${folder}/`).join('') });
  });
  return {
    put: async (value) => (await loaded()).put(value),
    get: async (digest) => (await loaded()).get(digest),
  };
}

/** Anchors in a container of their own, whose blobs nobody can change (a locked immutability policy). */
function blobAnchors(name: string, credential: TokenCredential): Anchor {
  const [account, container] = parted(name);
  const loaded = once(async () => {
    const { blobAnchor } = await import('../../shared/adapters/azure/anchor.ts');
    return blobAnchor({ container: `https://${account}.blob.core.windows.net/${container}`, credential });
  });
  return {
    put: async (anchor, body) => (await loaded()).put(anchor, body),
    list: async () => (await loaded()).list(),
    get: async (anchor) => (await loaded()).get(anchor),
  };
}

/** The stores of Azure: a table, and a container beside it. Nothing is called before the first read or write. */
export function azureStores(environment: Environment, transports: Transports = {}): CloudStores {
  const credential = homeIdentity(environment);
  return {
    records: {
      tables: {
        form: '<account>/<table>',
        pattern: /^[a-z0-9]{3,24}\/[A-Za-z][A-Za-z0-9]{2,62}$/,
        open: (name) => tables(name, { credential, client: transports.tables ?? {} }),
      },
    },
    evidence: {
      blob: {
        form: '<account>/<container>[/<prefix>]',
        pattern: /^[a-z0-9]{3,24}\/[a-z0-9](-?[a-z0-9]){2,62}(\/[\w.-]+)*$/,
        open: (name) => blob(name, { credential, client: transports.blobs ?? {} }),
      },
    },
    anchor: {
      blob: {
        form: '<account>/<container>',
        pattern: /^[a-z0-9]{3,24}\/[a-z0-9](-?[a-z0-9]){2,62}$/,
        open: (name) => blobAnchors(name, credential),
      },
    },
  };
}
