import { parseArmId } from './identifiers.ts';
import type { JsonObject } from './json.ts';
import type { TargetType } from './target.ts';

/** Types of ARM resources that are targets, in lower case. */
const armTypes: Readonly<Record<string, TargetType>> = {
  'microsoft.compute/virtualmachines': 'azure.compute.virtual-machine',
  'microsoft.network/networksecuritygroups': 'azure.network.security-group',
  'microsoft.storage/storageaccounts': 'azure.storage.account',
};

/** A target that is known by its id alone, as far as the id tells what it is; undefined where it does not. */
export function targetNamed(id: string): JsonObject | undefined {
  const arm = parseArmId(id);
  const armType = arm && armTypes[arm.type.toLowerCase()];
  if (arm && armType) return { type: armType, id, name: arm.name, resourceGroup: arm.resourceGroup };
  if (/^sg-[0-9a-f]{8,17}$/.test(id)) return { type: 'aws.ec2.security-group', id, name: id, groupId: id };
  if (/^i-[0-9a-f]{8,17}$/.test(id)) return { type: 'aws.ec2.instance', id, name: id, instanceId: id };
  const [, account, userName] = /^arn:[a-z-]+:iam::(\d{12}):user\/(?:.*\/)?([^/]+)$/.exec(id) ?? [];
  if (account && userName) return { type: 'aws.iam.user', id, name: userName, account, userName };
  if (/^[^\s/:@]+@[^\s/:@]+$/.test(id)) return { type: 'azure.entra.user', id, name: id, userPrincipalName: id };
  return undefined;
}
