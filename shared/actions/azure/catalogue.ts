// Made by `npm run generate` from the files beside it; loads no action until one is asked for.
import type { Catalogue } from '../../action/catalogue.ts';

/** Every action on Azure by id. */
export const azureActions: Catalogue = {
  'azure.aks.isolate-pod': {
    hash: 'd0481fa6abf97023bef0b99e0f309a98bda2a761f08b3efbc9b426980b66419f',
    d3fend: 'D3-NI',
    portable: { verb: 'isolate-workload', target: 'azure.aks.workload' },
    load: () => import('./aks-isolate-pod.ts').then((file) => file.aksIsolatePod),
  },
  'azure.authorization.remove-role-assignment': {
    hash: 'dffc90885a4a89e25cf4a6cc2e524fff0ef822437b8dcb679d7f362989ea9df0',
    d3fend: 'D3-UAP',
    load: () =>
      import('./authorization-remove-role-assignment.ts').then((file) => file.authorizationRemoveRoleAssignment),
  },
  'azure.compute.deallocate-virtual-machine': {
    hash: 'e105f969e24075f922541e7ce1a2528d34bae630a29476ba2fc0c6d77ba8d5ac',
    d3fend: 'D3-HS',
    load: () => import('./compute-deallocate-virtual-machine.ts').then((file) => file.computeDeallocateVirtualMachine),
  },
  'azure.compute.isolate-virtual-machine': {
    hash: 'd3fd7153f1bd8c10e87bb72255a7c5afd45799a68da3c94777c770b6772fe896',
    d3fend: 'D3-NI',
    portable: { verb: 'isolate-compute', target: 'azure.compute.virtual-machine' },
    load: () => import('./compute-isolate-virtual-machine.ts').then((file) => file.computeIsolateVirtualMachine),
  },
  'azure.compute.snapshot-disks': {
    hash: 'f8830b836f8d968cb405593a6b0a8f85e4ff46809f4f44e0e34c31e6e9d14da4',
    d3fend: 'D3-FA',
    portable: { verb: 'keep-evidence', target: 'azure.compute.virtual-machine' },
    load: () => import('./compute-snapshot-disks.ts').then((file) => file.computeSnapshotDisks),
  },
  'azure.defender.restore-plan': {
    hash: 'abab7d700f888870dce9fb83b3d5b956e08a791844fe9589a344479a38bf3efb',
    d3fend: 'D3-RC',
    load: () => import('./defender-restore-plan.ts').then((file) => file.defenderRestorePlan),
  },
  'azure.entra.disable-service-principal': {
    hash: '764677fb0110db94adccac8c2f999c1a50dd744512fe6122b6c8c5906b776ba5',
    d3fend: 'D3-AL',
    portable: { verb: 'revoke-identity', target: 'azure.entra.service-principal' },
    load: () => import('./entra-disable-service-principal.ts').then((file) => file.entraDisableServicePrincipal),
  },
  'azure.entra.disable-user': {
    hash: '96602ecd058108d8a805c8bcd77ed67730d75a355abb5e0f5abf8d03ba42beac',
    d3fend: 'D3-AL',
    load: () => import('./entra-disable-user.ts').then((file) => file.entraDisableUser),
  },
  'azure.entra.remove-application-credential': {
    hash: '193972cbb53b9650ea5d75777893c48c5c9a3ad8e43adfcb4b10f442fdfa95dd',
    d3fend: 'D3-CR',
    load: () =>
      import('./entra-remove-application-credential.ts').then((file) => file.entraRemoveApplicationCredential),
  },
  'azure.entra.revoke-sign-in-sessions': {
    hash: '39e85879f6de300d56bb4097bc2d86404cdac339e7280cc7b7addb7a75309c5a',
    d3fend: 'D3-ANCI',
    portable: { verb: 'revoke-identity', target: 'azure.entra.user' },
    load: () => import('./entra-revoke-sign-in-sessions.ts').then((file) => file.entraRevokeSignInSessions),
  },
  'azure.monitor.restore-diagnostic-settings': {
    hash: '98d3175eb8977497a4cbce9b676f0d04d96349a32ab30be0967c02a898311771',
    d3fend: 'D3-RC',
    load: () =>
      import('./monitor-restore-diagnostic-settings.ts').then((file) => file.monitorRestoreDiagnosticSettings),
  },
  'azure.mysql.remove-firewall-rule': {
    hash: '560d57fa505bf0a9fc4d438c1c9601fb7ba60771624b45633022bf2c219d9db8',
    d3fend: 'D3-NTF',
    portable: { verb: 'restrict-database', target: 'azure.mysql.server' },
    load: () => import('./mysql-remove-firewall-rule.ts').then((file) => file.mysqlRemoveFirewallRule),
  },
  'azure.network.close-nsg-port': {
    hash: '399088fdef7b9ac519bc0b964e3a909c77417affad0ae6cce8676e7acb12809a',
    d3fend: 'D3-ITF',
    portable: { verb: 'close-port', target: 'azure.network.security-group' },
    load: () => import('./network-close-nsg-port.ts').then((file) => file.networkCloseNsgPort),
  },
  'azure.network.deny-address': {
    hash: '5fa6f60529bcf22424a80ce7e061974ded5b8b47544010cea3de3ed1931e249d',
    d3fend: 'D3-NTF',
    portable: { verb: 'block-address', target: 'azure.network.security-group' },
    load: () => import('./network-deny-address.ts').then((file) => file.networkDenyAddress),
  },
  'azure.postgres.remove-firewall-rule': {
    hash: '281c9dc04bf8acbcfcbb4274aceb3f2c404214299e1eaaa2c410e45a2f9010c4',
    d3fend: 'D3-NTF',
    portable: { verb: 'restrict-database', target: 'azure.postgres.server' },
    load: () => import('./postgres-remove-firewall-rule.ts').then((file) => file.postgresRemoveFirewallRule),
  },
  'azure.resources.tag-resource': {
    hash: '8c31ba2ae954ef7e86e2fab208e946dbdf091a254c225f2a944f71b4b05b3d0c',
    d3fend: 'D3-AI',
    load: () => import('./resources-tag-resource.ts').then((file) => file.resourcesTagResource),
  },
  'azure.sql.remove-firewall-rule': {
    hash: '871e3d90bce52f37a12ec1c57b1bc5a8b9dc1d85150b7e62d8fefe6c6a95acf1',
    d3fend: 'D3-NTF',
    portable: { verb: 'restrict-database', target: 'azure.sql.server' },
    load: () => import('./sql-remove-firewall-rule.ts').then((file) => file.sqlRemoveFirewallRule),
  },
  'azure.storage.deny-network': {
    hash: 'a23ad9f80fd7445dd616ecc820d1b3495b69e338548c22d2ae850f2487afa4cd',
    d3fend: 'D3-NTF',
    load: () => import('./storage-deny-network.ts').then((file) => file.storageDenyNetwork),
  },
  'azure.storage.disable-public-blob-access': {
    hash: '61d172176bd96e728aafb6e255291b9cb8f5274b7299d1569c872c0ae9a386c5',
    d3fend: 'D3-NRAM',
    portable: { verb: 'block-public-storage', target: 'azure.storage.account' },
    load: () => import('./storage-disable-public-blob-access.ts').then((file) => file.storageDisablePublicBlobAccess),
  },
  'azure.storage.disable-shared-key': {
    hash: 'e0f09e4e4f79a034763fb8f129f36f4ec91135ccda34520e710a591904bf2b61',
    d3fend: 'D3-CR',
    load: () => import('./storage-disable-shared-key.ts').then((file) => file.storageDisableSharedKey),
  },
  'azure.storage.quarantine-blob': {
    hash: '6526366965164c699c56b3fa100746ec1d6b2989e22bf9f7f4d5390d30c3789b',
    d3fend: 'D3-FEV',
    portable: { verb: 'quarantine-object', target: 'azure.storage.blob' },
    load: () => import('./storage-quarantine-blob.ts').then((file) => file.storageQuarantineBlob),
  },
  'azure.web.restrict-access': {
    hash: 'b120d8b0d717f217fa407397b281c8038c68cfb13c4fe9b5276fb17c5b878c8b',
    d3fend: 'D3-NTF',
    portable: { verb: 'restrict-service', target: 'azure.web.site' },
    load: () => import('./web-restrict-access.ts').then((file) => file.webRestrictAccess),
  },
};
