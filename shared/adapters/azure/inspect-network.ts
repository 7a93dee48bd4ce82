import { NetworkManagementClient } from '@azure/arm-network';
import type { AzureSession } from '../../actions/azure/azure-action.ts';
import { unlessAbsent } from '../../actions/azure/fault.ts';
import { parseArmId } from '../../model/identifiers.ts';
import type { JsonObject } from '../../model/json.ts';
import type { Target } from '../../model/target.ts';

/** Tags of a network security group. */
export async function inspectSecurityGroup(session: AzureSession, target: Target): Promise<JsonObject | undefined> {
  const { resourceGroup = '', name = '' } = parseArmId(target.id) ?? {};
  const { networkSecurityGroups } = session.client(NetworkManagementClient);
  const group = await unlessAbsent(() => networkSecurityGroups.get(resourceGroup, name));
  return group && { tags: group.tags ?? {} };
}
