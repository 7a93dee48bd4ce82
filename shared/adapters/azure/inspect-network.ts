import { NetworkManagementClient } from '@azure/arm-network';
import type { AzureSession } from '../../actions/azure/azure-action.ts';
import { unlessAbsent } from '../../actions/azure/fault.ts';
import { seenRule } from '../../actions/azure/security-rules.ts';
import { parseArmId } from '../../model/identifiers.ts';
import type { JsonObject } from '../../model/json.ts';
import type { Target } from '../../model/target.ts';
import { exposedPorts } from './exposed-ports.ts';

const deadline = (): AbortSignal => AbortSignal.timeout(30_000);

/** The names of subnets, and whether a private endpoint is in one of them. */
async function subnetFacts(session: AzureSession, ids: readonly string[]): Promise<JsonObject> {
  const { subnets } = session.client(NetworkManagementClient);
  const found = await Promise.all(
    ids.map((id) => {
      const { resourceGroup = '', names: [network = '', subnet = ''] = [] } = parseArmId(id) ?? {};
      return unlessAbsent(() => subnets.get(resourceGroup, network, subnet, { abortSignal: deadline() }));
    }),
  );
  return {
    subnets: ids.map((id) => parseArmId(id)?.name ?? id),
    privateEndpoints: found.some((subnet) => (subnet?.privateEndpoints ?? []).length > 0),
  };
}

/** Tags of a network security group, the subnets it stands on, and what it opens to the internet. */
export async function inspectSecurityGroup(session: AzureSession, target: Target): Promise<JsonObject | undefined> {
  const { resourceGroup = '', name = '' } = parseArmId(target.id) ?? {};
  const { networkSecurityGroups } = session.client(NetworkManagementClient);
  const group = await unlessAbsent(() => networkSecurityGroups.get(resourceGroup, name, { abortSignal: deadline() }));
  if (!group) return undefined;
  const on = (group.subnets ?? []).flatMap(({ id }) => id ?? []);
  const rules = (group.securityRules ?? []).map((rule) => [rule.name ?? '', seenRule(rule)] as const);
  const only = target.type === 'azure.network.security-group' ? target.rule : undefined;
  const openings = exposedPorts(rules, only).map((port) => ({ port }));
  return { tags: group.tags ?? {}, openings, ...(await subnetFacts(session, on)) };
}
