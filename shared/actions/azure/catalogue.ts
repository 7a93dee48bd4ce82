// Made by `npm run generate` from the files beside it; loads no action until one is asked for.
import type { Catalogue } from '../../action/catalogue.ts';

/** Every action on Azure by id. */
export const azureActions: Catalogue = {
  'azure.compute.isolate-virtual-machine': {
    hash: 'ea1fcee8618047dcb75cac94d544bcd10a614eb6ca527e96a621fb7ec1038dae',
    d3fend: 'D3-NI',
    portable: { verb: 'isolate-compute', target: 'azure.compute.virtual-machine' },
    load: () => import('./compute-isolate-virtual-machine.ts').then((file) => file.computeIsolateVirtualMachine),
  },
  'azure.compute.snapshot-disks': {
    hash: '2adb1c36dc2842a2d1056590c08c15ecb94edaeb596c14032e4b5a665e8b0f35',
    d3fend: 'D3-FA',
    load: () => import('./compute-snapshot-disks.ts').then((file) => file.computeSnapshotDisks),
  },
  'azure.entra.disable-user': {
    hash: '2bb1e628f1e65561b8da67eda98d6294c1a8419278a4e029b656150584ca5562',
    d3fend: 'D3-AL',
    load: () => import('./entra-disable-user.ts').then((file) => file.entraDisableUser),
  },
  'azure.entra.revoke-sign-in-sessions': {
    hash: '4bf1a0d38cd033d5998b3080d5b19e7ef0090df635eb2a5cecfc7ed502e6ca87',
    d3fend: 'D3-ANCI',
    portable: { verb: 'revoke-identity', target: 'azure.entra.user' },
    load: () => import('./entra-revoke-sign-in-sessions.ts').then((file) => file.entraRevokeSignInSessions),
  },
  'azure.network.close-nsg-port': {
    hash: '2eeb8bb00bdeef59cf140318ca99da5afb8202557a3fe7729cdcf76428ff53a7',
    d3fend: 'D3-ITF',
    portable: { verb: 'close-port', target: 'azure.network.security-group' },
    load: () => import('./network-close-nsg-port.ts').then((file) => file.networkCloseNsgPort),
  },
  'azure.network.deny-address': {
    hash: 'd46f49cb187cbf9cd1bd6a3689a46cc87bd2078710c5f81b91f5b0b4baba25b6',
    d3fend: 'D3-NTF',
    portable: { verb: 'block-address', target: 'azure.network.security-group' },
    load: () => import('./network-deny-address.ts').then((file) => file.networkDenyAddress),
  },
  'azure.resources.tag-resource': {
    hash: '65525989275c59ac48afc28691c70a4fc4d151506ab9c100c5c38a3dc1858ab3',
    d3fend: 'D3-AI',
    load: () => import('./resources-tag-resource.ts').then((file) => file.resourcesTagResource),
  },
  'azure.storage.disable-public-blob-access': {
    hash: '7b7439c9d91f9cbb23896e259653a92835e896a5cdce45c8a3f5635b9538e6cb',
    d3fend: 'D3-NRAM',
    load: () => import('./storage-disable-public-blob-access.ts').then((file) => file.storageDisablePublicBlobAccess),
  },
  'azure.storage.quarantine-blob': {
    hash: '1df8d838d72b760e209c77680a1bcf767f040afafb43ea781e9f9f5c4ab9c7b6',
    d3fend: 'D3-FEV',
    portable: { verb: 'quarantine-object', target: 'azure.storage.blob' },
    load: () => import('./storage-quarantine-blob.ts').then((file) => file.storageQuarantineBlob),
  },
};
