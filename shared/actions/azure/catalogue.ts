// Made by `npm run generate` from the files beside it; loads no action until one is asked for.
import type { Catalogue } from '../../action/catalogue.ts';

/** Every action on Azure by id. */
export const azureActions: Catalogue = {
  'azure.compute.isolate-virtual-machine': {
    hash: '59824326b349fb8ce29d0a35fc8664808144d482dfa8d1510013bf58ef2034a3',
    load: () => import('./compute-isolate-virtual-machine.ts').then((file) => file.computeIsolateVirtualMachine),
  },
  'azure.compute.snapshot-disks': {
    hash: '1f9fe51385d07206b99db60bdce4c35a4a989a840ecc58d45c00f65cb909f329',
    load: () => import('./compute-snapshot-disks.ts').then((file) => file.computeSnapshotDisks),
  },
  'azure.entra.disable-user': {
    hash: '2494f9face8f00c395622938e701235364af018ba9be76b139dae18b5c53f248',
    load: () => import('./entra-disable-user.ts').then((file) => file.entraDisableUser),
  },
  'azure.entra.revoke-sign-in-sessions': {
    hash: '52ed22b0435da9879c3c70ae262fd4e14685c79cd54b8e17d59c77bfd3ced1f5',
    load: () => import('./entra-revoke-sign-in-sessions.ts').then((file) => file.entraRevokeSignInSessions),
  },
  'azure.network.close-nsg-port': {
    hash: '7136d2066fdd543a19a26733df9a3a260b6fda2e6dc527fe924c8cc4e36f7888',
    load: () => import('./network-close-nsg-port.ts').then((file) => file.networkCloseNsgPort),
  },
  'azure.network.deny-address': {
    hash: '98e0d958dd30bd2956ab031c79cd6024f503066f905f97c7e4d8580515cb655e',
    load: () => import('./network-deny-address.ts').then((file) => file.networkDenyAddress),
  },
  'azure.resources.tag-resource': {
    hash: 'd3932b7658dc1656cfdb2c96d3c2014f04ef8612e322268cee2ad5bd39384522',
    load: () => import('./resources-tag-resource.ts').then((file) => file.resourcesTagResource),
  },
  'azure.storage.disable-public-blob-access': {
    hash: '9102751e7fc1db3073ee79cddf9a5bb5a77f86616eb84751b93b583b0d6bfe06',
    load: () => import('./storage-disable-public-blob-access.ts').then((file) => file.storageDisablePublicBlobAccess),
  },
  'azure.storage.quarantine-blob': {
    hash: '04d303af5300ea269d8061332e6dbe7d9d95d180639d9250ed633abe2ea5be70',
    load: () => import('./storage-quarantine-blob.ts').then((file) => file.storageQuarantineBlob),
  },
};
