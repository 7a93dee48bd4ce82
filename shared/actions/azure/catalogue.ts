// Made by `npm run generate` from the files beside it; loads no action until one is asked for.
import type { Catalogue } from '../../action/catalogue.ts';

/** Every action on Azure by id. */
export const azureActions: Catalogue = {
  'azure.compute.isolate-virtual-machine': {
    hash: '707516d2a3bb262f8c11b601b0d30292be82fe74922a6356d28ecfa74adbd7ef',
    d3fend: 'D3-NI',
    portable: { verb: 'isolate-compute', target: 'azure.compute.virtual-machine' },
    load: () => import('./compute-isolate-virtual-machine.ts').then((file) => file.computeIsolateVirtualMachine),
  },
  'azure.compute.snapshot-disks': {
    hash: '6befbd7f64ee079c0b4b24e309e11c954054ccb6a3bf4a889c218b5041eaf18d',
    d3fend: 'D3-FA',
    portable: { verb: 'keep-evidence', target: 'azure.compute.virtual-machine' },
    load: () => import('./compute-snapshot-disks.ts').then((file) => file.computeSnapshotDisks),
  },
  'azure.entra.disable-user': {
    hash: '63c9e9cee519275ac834df352e38f4bf33674674fceb4f9ce1cfc3e1b08df181',
    d3fend: 'D3-AL',
    load: () => import('./entra-disable-user.ts').then((file) => file.entraDisableUser),
  },
  'azure.entra.revoke-sign-in-sessions': {
    hash: '0a8e842d188e2db244932d15840597f765cf32a94fb4b1b183107ac695e151b9',
    d3fend: 'D3-ANCI',
    portable: { verb: 'revoke-identity', target: 'azure.entra.user' },
    load: () => import('./entra-revoke-sign-in-sessions.ts').then((file) => file.entraRevokeSignInSessions),
  },
  'azure.network.close-nsg-port': {
    hash: 'c3b603305d6a571dbb6152be6eb6e6ecfef128e7004cb7c3b55ac208e0bc3209',
    d3fend: 'D3-ITF',
    portable: { verb: 'close-port', target: 'azure.network.security-group' },
    load: () => import('./network-close-nsg-port.ts').then((file) => file.networkCloseNsgPort),
  },
  'azure.network.deny-address': {
    hash: '20877399afb73ae29def49c9710687edd9a7af4ebbcd47c867033920620ab8af',
    d3fend: 'D3-NTF',
    portable: { verb: 'block-address', target: 'azure.network.security-group' },
    load: () => import('./network-deny-address.ts').then((file) => file.networkDenyAddress),
  },
  'azure.resources.tag-resource': {
    hash: '1792c8de152eea362164d232d62e0abe495b3d807e8e606860fff768bfdbb7f5',
    d3fend: 'D3-AI',
    load: () => import('./resources-tag-resource.ts').then((file) => file.resourcesTagResource),
  },
  'azure.storage.disable-public-blob-access': {
    hash: '1d6ad6fee33755c9e7b3387baf5b85abbac329658b5e0d4188e59d720d94d0d1',
    d3fend: 'D3-NRAM',
    portable: { verb: 'block-public-storage', target: 'azure.storage.account' },
    load: () => import('./storage-disable-public-blob-access.ts').then((file) => file.storageDisablePublicBlobAccess),
  },
  'azure.storage.quarantine-blob': {
    hash: '6e1ec2f6c93e72d1a30daa7f7612b46feccf46c49145df39d9cd25a60f41452e',
    d3fend: 'D3-FEV',
    portable: { verb: 'quarantine-object', target: 'azure.storage.blob' },
    load: () => import('./storage-quarantine-blob.ts').then((file) => file.storageQuarantineBlob),
  },
};
