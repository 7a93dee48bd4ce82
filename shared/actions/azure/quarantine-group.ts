import { NetworkManagementClient, type NetworkSecurityGroup } from '@azure/arm-network';
import type { StepContext } from '../../action/action.ts';
import { parseArmId } from '../../model/identifiers.ts';
import { same } from '../../model/json.ts';
import type { AzureSession } from './azure-action.ts';
import { azureCode, unlessAbsent } from './fault.ts';
import { completed, ifUnchanged } from './long-running.ts';
import { denyRule, isAbove, ownRule, type RuleValue, seenRule } from './security-rules.ts';

/**
 * What the group denies. The platform's own addresses pass every other rule, so that they are named: the metadata
 * service, which hands out tokens of managed identities, and Azure DNS, through which data can be carried out
 * (learn.microsoft.com/azure/virtual-network/service-tags-overview).
 */
const denials: readonly (readonly [name: string, rule: RuleValue])[] = [
  ['cordon-deny-inbound', { ...denyRule({ direction: 'Inbound' }), priority: 100 }],
  [
    'cordon-deny-metadata',
    { ...denyRule({ direction: 'Outbound', destinations: ['AzurePlatformIMDS'] }), priority: 100 },
  ],
  ['cordon-deny-dns', { ...denyRule({ direction: 'Outbound', destinations: ['AzurePlatformDNS'] }), priority: 101 }],
  ['cordon-deny-outbound', { ...denyRule({ direction: 'Outbound' }), priority: 102 }],
];

/** The quarantine group of a resource group and region; machines that are isolated there share it. */
export const quarantineId = (subscription: string, resourceGroup: string, region: string): string =>
  `/subscriptions/${subscription}/resourceGroups/${resourceGroup}/providers/Microsoft.Network/networkSecurityGroups/cordon-quarantine-${region}`;

export const isQuarantine = (id: string): boolean => /\/networkSecurityGroups\/cordon-quarantine-[^/]+$/i.test(id);

const place = (id: string): readonly [resourceGroup: string, name: string] => {
  const { resourceGroup = '', name = '' } = parseArmId(id) ?? {};
  return [resourceGroup, name];
};

/** The group as it is now; undefined when there is none. */
export function readGroup(
  azure: AzureSession,
  id: string,
  abortSignal: AbortSignal,
): Promise<NetworkSecurityGroup | undefined> {
  const { networkSecurityGroups } = azure.client(NetworkManagementClient);
  return unlessAbsent(() => networkSecurityGroups.get(...place(id), { abortSignal }));
}

/** Whether a group denies all that it should, with nothing allowed above. */
export function deniesAll({ securityRules = [] }: NetworkSecurityGroup): boolean {
  const rules = securityRules.map(seenRule);
  return denials.every(([, denial]) => {
    const allowed = rules.filter(({ access, direction }) => access === 'Allow' && direction === denial.direction);
    return rules.some((rule) => same({ ...rule, priority: 0 }, { ...denial, priority: 0 }) && isAbove(rule, allowed));
  });
}

/** Makes the group, or makes it deny all again. */
export async function closeGroup(azure: AzureSession, id: string, step: StepContext): Promise<void> {
  const { networkSecurityGroups } = azure.client(NetworkManagementClient);
  const [resourceGroup, name] = place(id);
  const before = await readGroup(azure, id, step.signal);
  const securityRules = denials.map(([rule, { priority, ...denial }]) => ({
    name: rule,
    ...ownRule({ ...denial, priority }, Number(priority), step.runId),
  }));
  const body: NetworkSecurityGroup = {
    ...before,
    location: name.replace('cordon-quarantine-', ''),
    tags: before?.tags ?? {
      'cordon:run': step.runId,
      'cordon:release': 'release the run; the group goes with its last user',
    },
    securityRules,
  };
  const options = ifUnchanged(before?.etag, step.signal);
  await completed(networkSecurityGroups.createOrUpdate(resourceGroup, name, body, options), step);
}

/** Deletes the group, unless it is gone or another machine is still in it. */
export async function leaveGroup(azure: AzureSession, id: string, step: StepContext): Promise<void> {
  const { networkSecurityGroups } = azure.client(NetworkManagementClient);
  try {
    await completed(networkSecurityGroups.delete(...place(id), { abortSignal: step.signal }), step);
  } catch (thrown) {
    if (azureCode(thrown) !== 'InUseNetworkSecurityGroupCannotBeDeleted') throw thrown;
  }
}
