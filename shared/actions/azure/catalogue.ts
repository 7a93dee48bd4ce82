// Made by `npm run generate` from the files beside it; loads no action until one is asked for.
import type { Catalogue } from '../../action/catalogue.ts';

/** Every action on Azure by id. */
export const azureActions: Catalogue = {
  'azure.aks.isolate-pod': {
    hash: '54c3fec0d52234cc64c82c07f46cd1a49efc653ca49b86803421a57e2ab84cb0',
    d3fend: 'D3-NI',
    portable: { verb: 'isolate-workload', target: 'azure.aks.workload' },
    load: () => import('./aks-isolate-pod.ts').then((file) => file.aksIsolatePod),
  },
  'azure.authorization.remove-role-assignment': {
    hash: 'cace480bf15a945f88f46af3b63d239c7917bb48f871985228cb35333eabe70c',
    d3fend: 'D3-UAP',
    load: () =>
      import('./authorization-remove-role-assignment.ts').then((file) => file.authorizationRemoveRoleAssignment),
  },
  'azure.compute.deallocate-virtual-machine': {
    hash: '3d1bb23d08f0852301c37f472e569f14c25b1266f4aeb5be101dafb52baa7a17',
    d3fend: 'D3-HS',
    load: () => import('./compute-deallocate-virtual-machine.ts').then((file) => file.computeDeallocateVirtualMachine),
  },
  'azure.compute.isolate-virtual-machine': {
    hash: '70fb32bb0dbcb7fea8350d2dbcf83170ebfcc9e8336d3dd1bb19f3934ba72b93',
    d3fend: 'D3-NI',
    portable: { verb: 'isolate-compute', target: 'azure.compute.virtual-machine' },
    load: () => import('./compute-isolate-virtual-machine.ts').then((file) => file.computeIsolateVirtualMachine),
  },
  'azure.compute.snapshot-disks': {
    hash: '5101ad160dc6ab0601a3824b1afacf585424d789afebc4a65031f729d1caff6e',
    d3fend: 'D3-FA',
    portable: { verb: 'keep-evidence', target: 'azure.compute.virtual-machine' },
    load: () => import('./compute-snapshot-disks.ts').then((file) => file.computeSnapshotDisks),
  },
  'azure.defender.restore-plan': {
    hash: '6ee91e36db60e30be0a7581c2c54efb1fbbcc8973a5515772b29abe29740c26e',
    d3fend: 'D3-RC',
    load: () => import('./defender-restore-plan.ts').then((file) => file.defenderRestorePlan),
  },
  'azure.entra.disable-service-principal': {
    hash: 'bcf50f5c287e665351d574dcc5d99874f445792b67aaf2f7900e34b9f7e9a583',
    d3fend: 'D3-AL',
    portable: { verb: 'revoke-identity', target: 'azure.entra.service-principal' },
    load: () => import('./entra-disable-service-principal.ts').then((file) => file.entraDisableServicePrincipal),
  },
  'azure.entra.disable-user': {
    hash: '3edfefda30e6c958c895e82d67b36ae81c5d7906d5a4580c0ecc121b0dcfd81b',
    d3fend: 'D3-AL',
    load: () => import('./entra-disable-user.ts').then((file) => file.entraDisableUser),
  },
  'azure.entra.remove-application-credential': {
    hash: '9c8599be721d9a2b5f59c9effd992ff29f0e8479db252db835acf5f3bda64dc2',
    d3fend: 'D3-CR',
    load: () =>
      import('./entra-remove-application-credential.ts').then((file) => file.entraRemoveApplicationCredential),
  },
  'azure.entra.revoke-sign-in-sessions': {
    hash: 'e9583eb8602033fe7982fa059ca55497c3e870de60f5e98077f2c1ca15241ea9',
    d3fend: 'D3-ANCI',
    portable: { verb: 'revoke-identity', target: 'azure.entra.user' },
    load: () => import('./entra-revoke-sign-in-sessions.ts').then((file) => file.entraRevokeSignInSessions),
  },
  'azure.monitor.restore-diagnostic-settings': {
    hash: '1956e58d146ab0da8021104fec0acde3fde144ac3572b9bbfd67d6a378d06af2',
    d3fend: 'D3-RC',
    load: () =>
      import('./monitor-restore-diagnostic-settings.ts').then((file) => file.monitorRestoreDiagnosticSettings),
  },
  'azure.mysql.remove-firewall-rule': {
    hash: 'f630af64dc686cb49fba9741832ae84594f492e24020df03eda56e9dc475d875',
    d3fend: 'D3-NTF',
    portable: { verb: 'restrict-database', target: 'azure.mysql.server' },
    load: () => import('./mysql-remove-firewall-rule.ts').then((file) => file.mysqlRemoveFirewallRule),
  },
  'azure.network.close-nsg-port': {
    hash: '324daed2fa5b2b97686e461c3bbdf3b6da5d4a9e3ddcad3e1fe1dfa45fe62fde',
    d3fend: 'D3-ITF',
    portable: { verb: 'close-port', target: 'azure.network.security-group' },
    load: () => import('./network-close-nsg-port.ts').then((file) => file.networkCloseNsgPort),
  },
  'azure.network.deny-address': {
    hash: '3963ae1490183c67365d60753a1bc13989ffb9c4fc8a97189d09e672a326b883',
    d3fend: 'D3-NTF',
    portable: { verb: 'block-address', target: 'azure.network.security-group' },
    load: () => import('./network-deny-address.ts').then((file) => file.networkDenyAddress),
  },
  'azure.postgres.remove-firewall-rule': {
    hash: 'c3e3294f98c517af761921ca77a8cb66178de580016193ed032df817120d7067',
    d3fend: 'D3-NTF',
    portable: { verb: 'restrict-database', target: 'azure.postgres.server' },
    load: () => import('./postgres-remove-firewall-rule.ts').then((file) => file.postgresRemoveFirewallRule),
  },
  'azure.resources.tag-resource': {
    hash: '59f2aa1eea1be3d2cd3716839226380ef94279d0c8021318b93bef0a61ac21c3',
    d3fend: 'D3-AI',
    load: () => import('./resources-tag-resource.ts').then((file) => file.resourcesTagResource),
  },
  'azure.sql.remove-firewall-rule': {
    hash: 'baa4c39cae8999d33b0e3b6ad7b82c3c0102e6b623f9a2db5b3ae8395c9a37f3',
    d3fend: 'D3-NTF',
    portable: { verb: 'restrict-database', target: 'azure.sql.server' },
    load: () => import('./sql-remove-firewall-rule.ts').then((file) => file.sqlRemoveFirewallRule),
  },
  'azure.storage.deny-network': {
    hash: '998dad84f97372390dc36dc7a7dca9445cef1b29d74ff7a659003426658bd8de',
    d3fend: 'D3-NTF',
    load: () => import('./storage-deny-network.ts').then((file) => file.storageDenyNetwork),
  },
  'azure.storage.disable-public-blob-access': {
    hash: 'b33768da4bf997da752440e8239163a983a49e7ffc8dce955bb429e22e05d8df',
    d3fend: 'D3-NRAM',
    portable: { verb: 'block-public-storage', target: 'azure.storage.account' },
    load: () => import('./storage-disable-public-blob-access.ts').then((file) => file.storageDisablePublicBlobAccess),
  },
  'azure.storage.disable-shared-key': {
    hash: 'f0586feff2c371db1af1a1437dc421f6e9ec78fe81cdc1c1fe4adf4b66c8b870',
    d3fend: 'D3-CR',
    load: () => import('./storage-disable-shared-key.ts').then((file) => file.storageDisableSharedKey),
  },
  'azure.storage.quarantine-blob': {
    hash: 'db6d341f7a133f49fcba83e83ba000b9df74ee56fa1d95c12f288e4827c54995',
    d3fend: 'D3-FEV',
    portable: { verb: 'quarantine-object', target: 'azure.storage.blob' },
    load: () => import('./storage-quarantine-blob.ts').then((file) => file.storageQuarantineBlob),
  },
  'azure.web.restrict-access': {
    hash: 'eb0f553540d46b9d0e4d6ef464976bcda2e8b7c486b5c993a2aac9b264b428d3',
    d3fend: 'D3-NTF',
    portable: { verb: 'restrict-service', target: 'azure.web.site' },
    load: () => import('./web-restrict-access.ts').then((file) => file.webRestrictAccess),
  },
};
