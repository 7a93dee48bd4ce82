import { NetworkManagementClient, type NetworkSecurityGroup } from '@azure/arm-network';
import type { StepContext } from '../../action/action.ts';
import { ForeignEdit } from '../../action/foreign-edit.ts';
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
const denials: readonly (readonly [name: string, rule: RuleValue & { readonly priority: number }])[] = [
  ['cordon-deny-inbound', { ...denyRule({ direction: 'Inbound' }), priority: 200 }],
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

/** Who may still come in: TCP to one port, or everything. Replies go out, because security groups know connections. */
export type Allowed = { readonly cidr: string; readonly port?: number | undefined };

/** `tcp 22 192.0.2.10/32`, `any any 192.0.2.10/32`. */
export const spellAllowed = ({ cidr, port }: Allowed): string =>
  `${port === undefined ? 'any any' : `tcp ${port}`} ${cidr}`;

const spelling = /^(any|tcp) (any|\d+) (\S+)$/;

const allowRule = (text: string): RuleValue => {
  const [, protocol, port = '', cidr = ''] = spelling.exec(text) ?? [];
  const [ports, which] = protocol === 'tcp' ? [[port], 'Tcp'] : [['*'], '*'];
  return { ...denyRule({ direction: 'Inbound', sources: [cidr], ports }), access: 'Allow', protocol: which };
};

/** Rules but for their place; a single address is told with and without its `/32`. */
const alike = (one: RuleValue, other: RuleValue): boolean => {
  const plain = ({ sources, ...rule }: RuleValue) => ({
    ...rule,
    priority: 0,
    protocol: rule.protocol.toLowerCase(),
    sources: sources.map((source) => source.replace(/\/(32|128)$/, '')),
  });
  return same(plain(one), plain(other));
};

/** What a group lets through: nothing at all but what it is told to allow, or more than that. */
export type Denies = { readonly denies: 'all' | 'not all'; readonly allows: readonly string[] };

/** Whether a group denies all that it should, with nothing above but what may come in, and what of that it allows. */
export function seenGroup({ securityRules = [] }: NetworkSecurityGroup, allowed: readonly string[]): Denies {
  const rules = securityRules.map(seenRule);
  const allows = allowed.filter((text) =>
    rules.some(
      (rule) =>
        alike(rule, allowRule(text)) &&
        isAbove(
          rule,
          rules.filter(({ access, direction }) => access === 'Deny' && direction === 'Inbound'),
        ),
    ),
  );
  const foreign = rules.filter(
    (rule) => rule.access === 'Allow' && !allows.some((text) => alike(rule, allowRule(text))),
  );
  const denied = denials.every(([, denial]) =>
    rules.some(
      (rule) =>
        alike(rule, denial) &&
        isAbove(
          rule,
          foreign.filter(({ direction }) => direction === denial.direction),
        ),
    ),
  );
  return { denies: denied ? 'all' : 'not all', allows };
}

/** Whether no interface and no subnet stands under a group: one that a run has made and not used yet, or has just left. */
export const isUnused = ({ networkInterfaces = [], subnets = [] }: NetworkSecurityGroup): boolean =>
  networkInterfaces.length === 0 && subnets.length === 0;

/** Makes the group, or makes it deny all again but what is allowed. */
export async function closeGroup(
  azure: AzureSession,
  id: string,
  allowed: readonly string[],
  step: StepContext,
): Promise<void> {
  const { networkSecurityGroups } = azure.client(NetworkManagementClient);
  const [resourceGroup, name] = place(id);
  const before = await readGroup(azure, id, step.signal);
  const securityRules = [
    ...allowed.map((text, at) => ({
      name: `cordon-allow-${at + 1}`,
      ...ownRule(allowRule(text), 100 + at, step.runId),
    })),
    ...denials.map(([rule, denial]) => ({ name: rule, ...ownRule(denial, denial.priority, step.runId) })),
  ];
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

/** Rules that Cordon has not written, or not so. */
const foreignIn = ({ securityRules = [] }: NetworkSecurityGroup): readonly string[] =>
  securityRules.flatMap((found) => {
    const name = found.name ?? '';
    const rule = seenRule(found);
    const denial = denials.find(([known]) => known === name)?.[1];
    const allowed = /^cordon-allow-\d+$/.test(name) && rule.access === 'Allow' && rule.direction === 'Inbound';
    return allowed || (denial && alike(rule, denial)) ? [] : [name];
  });

/** Deletes the group, unless it is gone, another machine is still in it, or somebody has put rules of their own into it. */
export async function leaveGroup(azure: AzureSession, id: string, step: StepContext): Promise<void> {
  const { networkSecurityGroups } = azure.client(NetworkManagementClient);
  const group = await readGroup(azure, id, step.signal);
  const foreign = group ? foreignIn(group) : [];
  if (foreign.length > 0) throw new ForeignEdit(`somebody has put ${foreign.join(', ')} into ${place(id)[1]}`);
  try {
    await completed(networkSecurityGroups.delete(...place(id), { abortSignal: step.signal }), step);
  } catch (thrown) {
    if (azureCode(thrown) !== 'InUseNetworkSecurityGroupCannotBeDeleted') throw thrown;
  }
}
