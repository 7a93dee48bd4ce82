import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { loadPlaybooks, usable } from '../../functions/local/playbooks.ts';
import { allActions } from '../../functions/wire.ts';
import { isPortable, tellPerson } from '../../shared/action/portable.ts';
import { InvalidInput } from '../../shared/model/error.ts';
import { asJson, type JsonObject } from '../../shared/model/json.ts';
import { type Playbook, placedSteps, type Step } from '../../shared/model/playbook.ts';
import { Target, type TargetType } from '../../shared/model/target.ts';
import { matches } from '../../shared/pattern/match.ts';
import { parsePattern } from '../../shared/pattern/parse.ts';
import { actionFor } from '../../shared/playbook/expand.ts';
import { pickedTypes } from '../../shared/playbook/scope.ts';
import { render } from '../../shared/playbook/template.ts';
import { findingFor } from '../../shared/run/named-target.ts';
import { targetsOf } from '../../shared/run/open.ts';

const folders = ['playbooks', 'playbooks/opt-in'];
const files = await loadPlaybooks(folders.map((name) => fileURLToPath(new URL(`../../${name}`, import.meta.url))));

const arm = '/subscriptions/0a1b2c3d-0000-4000-8000-000000000001/resourceGroups/rg-data/providers';
const inGroup = (type: string) => ({ id: `${arm}/${type}/one`, resourceGroup: 'rg-data' });
const onSubscription = (type: string) => ({
  id: `/subscriptions/one/providers/${type}/one`,
  scope: '/subscriptions/one',
});

/** What a person has to say of a target beside where it is, and what is read of one that there is something to do about. */
const named: readonly (readonly [type: TargetType, said: JsonObject, read?: JsonObject])[] = [
  [
    'aws.ec2.instance',
    { instanceId: 'i-1', interfaces: [] },
    { vpcId: 'vpc-1', filters: ['i-1'], instanceProfileArn: 'arn:aws:iam::111122223333:instance-profile/one' },
  ],
  ['aws.ec2.security-group', { groupId: 'sg-1' }],
  ['aws.iam.access-key', { accessKeyId: 'AKIA1' }, { userName: 'one' }],
  ['aws.iam.user', { userName: 'one' }],
  ['aws.iam.role', { roleName: 'one' }, { trustedProviders: ['*'] }],
  ['aws.iam.role-session', { principalId: 'AROA1:one', sessionName: 'one', kind: 'assumed', roleName: 'one' }],
  ['aws.s3.bucket', { bucket: 'one' }, { publicPolicy: true }],
  ['aws.s3.object', { bucket: 'one', key: 'one' }],
  ['aws.lambda.function', { functionName: 'one' }, { roleName: 'one', roleId: 'AROA1' }],
  ['aws.rds.instance', { instanceIdentifier: 'one' }, { publiclyAccessible: true }],
  ['aws.rds.snapshot', { snapshotIdentifier: 'one', ofCluster: false }],
  ['aws.eks.cluster', { clusterName: 'one' }],
  [
    'aws.eks.workload',
    { clusterName: 'one', clusterArn: 'arn', namespace: 'shop', workload: 'one', kind: 'pods', images: [] },
    { ownerKind: 'ReplicaSet', node: 'i-1' },
  ],
  ['aws.ecs.cluster', { clusterName: 'one' }],
  ['aws.ecs.task', { taskArn: 'one', images: [] }],
  ['aws.container', {}],
  ['aws.ebs.volume', { volumeId: 'vol-1' }],
  ['aws.ebs.snapshot', { snapshotId: 'snap-1' }],
  ['aws.ec2.image', { imageId: 'ami-1' }],
  ['aws.cloudtrail.trail', { trailName: 'one' }],
  ['aws.guardduty.detector', { detectorId: 'one', features: [] }],
  ['aws.config.recorder', { recorderName: 'one' }],
  ['aws.account', {}],
  [
    'azure.compute.virtual-machine',
    inGroup('Microsoft.Compute/virtualMachines'),
    { networkSecurityGroups: ['one'], filters: ['one'], identities: ['one'] },
  ],
  ['azure.network.security-group', inGroup('Microsoft.Network/networkSecurityGroups'), { openings: [{ port: 22 }] }],
  ['azure.storage.account', inGroup('Microsoft.Storage/storageAccounts'), { allowBlobPublicAccess: true }],
  [
    'azure.storage.blob',
    { url: 'https://one.blob.core.windows.net/a/b', storageAccount: 'one', container: 'a', blob: 'b' },
  ],
  ['azure.entra.user', { userId: 'one' }, { accountEnabled: true }],
  ['azure.entra.service-principal', { servicePrincipalId: 'one' }, { servicePrincipalType: 'Application' }],
  ['azure.entra.service-principal', { servicePrincipalId: 'one' }, { servicePrincipalType: 'ManagedIdentity' }],
  ['azure.subscription', {}],
  ['azure.sql.server', inGroup('Microsoft.Sql/servers'), { openRules: ['one'], azureRules: [] }],
  [
    'azure.postgres.server',
    inGroup('Microsoft.DBforPostgreSQL/flexibleServers'),
    { openRules: ['one'], azureRules: [] },
  ],
  ['azure.mysql.server', inGroup('Microsoft.DBforMySQL/flexibleServers'), { openRules: ['one'], azureRules: [] }],
  ['azure.aks.cluster', inGroup('Microsoft.ContainerService/managedClusters')],
  [
    'azure.aks.workload',
    { clusterId: 'one', namespace: 'shop', workload: 'one', kind: 'pods' },
    { ownerKind: 'ReplicaSet' },
  ],
  ['azure.web.site', inGroup('Microsoft.Web/sites')],
  ['azure.key-vault.vault', inGroup('Microsoft.KeyVault/vaults')],
  ['azure.role-assignment', onSubscription('Microsoft.Authorization/roleAssignments')],
  ['azure.defender.plan', onSubscription('Microsoft.Security/pricings'), { pricingTier: 'Free' }],
  ['azure.monitor.diagnostic-setting', onSubscription('Microsoft.Insights/diagnosticSettings'), { present: false }],
  ['network.address', { address: '192.0.2.44', direction: 'inbound' }],
];

/** Where a person's word moves nothing, and why that is meant. */
const left: Readonly<Record<string, string>> = {
  'application-credential-added azure.entra.service-principal':
    'which of its secrets it is has to be said (addedKeys): whom to cut off whole is for compromised-application',
  'attacker-address aws.ec2.instance': 'what it denies are addresses, and only a finding brings them',
  'attacker-address azure.compute.virtual-machine': 'the same',
  'logging-stopped aws.account': 'it tells people: nothing puts back what a whole account has lost',
  'security-group-opened aws.ec2.security-group':
    'it closes just what a call opened (openings): open-port closes SSH and RDP of a group that a person names',
};

const settings = {
  isolation: { allow: [], instanceProfile: 'one' },
  accounts: ['111122223333'],
  tenant: 'one',
  quarantineStorageAccount: 'one',
  quarantineBucket: { name: 'one', account: '111122223333', region: 'eu-west-1' },
  identityCenter: { account: '111122223333', region: 'eu-west-1' },
  azureLogging: { defenderPlans: [], diagnosticSettings: [] },
};

/** Whatever a person may name to a playbook and it takes, and what its steps see of it. */
function scopesOf(playbook: Playbook): readonly (readonly [type: TargetType, scope: JsonObject])[] {
  const types = pickedTypes(playbook);
  expect(types.filter((type) => !named.some(([one]) => one === type))).toEqual([]);
  return named.flatMap(([type, said, read]) => {
    const place = { account: '111122223333', region: 'eu-west-1', name: 'one', role: 'affected' };
    const target = Target.parse({ id: 'one', ...place, type, ...said });
    const now = '2026-11-20T12:00:00.000Z';
    const finding = findingFor({ target, person: 'maria', why: 'seen', now, partition: 'aws' });
    const facts = (picked: Target) => ({ ...(asJson(picked) as JsonObject), ...read }); // a target is an object
    return targetsOf(playbook, finding).map(
      (picked) => [type, { finding: asJson(finding), target: facts(picked), settings }] as const,
    );
  });
}

/** Whether a step would be planned: its condition holds, and it has something to act on and all that it needs to. */
function acts({ action, when, forEach, with: given }: Step, scope: JsonObject): boolean {
  if (action === tellPerson || (when && !matches(parsePattern(when), scope))) return false;
  try {
    const items = forEach === undefined ? [null] : [render(forEach, scope)].flat();
    for (const item of items) render(given, { ...scope, item });
    const target = scope['target'] as JsonObject; // made above
    return items.length > 0 && (!isPortable(action) || actionFor(allActions, action, target) !== undefined);
  } catch (thrown) {
    if (thrown instanceof InvalidInput) return false;
    throw thrown;
  }
}

it('every playbook that acts does so for whatever a person may name to it, but for a few that say why', () => {
  const idle = usable(files).flatMap((playbook) => {
    const steps = placedSteps(playbook).map(({ step }) => step);
    if (steps.every(({ action }) => action === tellPerson)) return [];
    const scopes = scopesOf(playbook).filter(([, scope]) => !steps.some((step) => acts(step, scope)));
    return scopes.map(([type]) => `${playbook.id} ${type}`);
  });
  expect([...new Set(idle)].sort()).toEqual(Object.keys(left).sort());
});
