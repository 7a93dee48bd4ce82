import { NetworkManagementClient, type SecurityRule } from '@azure/arm-network';
import * as z from 'zod';
import type { State, StepContext } from '../../action/action.ts';
import { CordonError } from '../../model/error.ts';
import { comparable, parseArmId } from '../../model/identifiers.ts';
import type { AzureSession } from './azure-action.ts';
import { azureCode, unlessAbsent } from './fault.ts';
import { completed, ifUnchanged, mayFollow } from './long-running.ts';

/**
 * The fields Cordon looks at in an NSG rule (learn.microsoft.com/rest/api/virtualnetwork/security-rules). A rule of our
 * own stands at the `top` when it stands above every rule that it is there to overrule: the number is chosen when it is
 * written, because steps of one plan do not see each other's rules.
 */
export const RuleValue = z.strictObject({
  priority: z.union([z.literal('top'), z.int().min(100).max(4_096)]),
  direction: z.enum(['Inbound', 'Outbound']),
  access: z.enum(['Allow', 'Deny']),
  protocol: z.string(),
  /** Addresses, blocks, service tags and ids of application security groups. */
  sources: z.array(z.string()),
  sourcePorts: z.array(z.string()),
  destinations: z.array(z.string()),
  ports: z.array(z.string()),
});
export type RuleValue = z.infer<typeof RuleValue>;

const listOf = (
  one: string | undefined,
  many: readonly string[] | undefined,
  groups: readonly { readonly id?: string }[] = [],
): string[] => [...(one ? [one] : []), ...(many ?? []), ...groups.map(({ id = '' }) => id)];

/** A rule as Azure gives it, in the fields Cordon looks at. */
export const seenRule = (rule: SecurityRule): RuleValue =>
  RuleValue.parse({
    priority: rule.priority,
    direction: rule.direction,
    access: rule.access,
    protocol: rule.protocol ?? '*',
    sources: listOf(rule.sourceAddressPrefix, rule.sourceAddressPrefixes, rule.sourceApplicationSecurityGroups),
    sourcePorts: listOf(rule.sourcePortRange, rule.sourcePortRanges),
    destinations: listOf(
      rule.destinationAddressPrefix,
      rule.destinationAddressPrefixes,
      rule.destinationApplicationSecurityGroups,
    ),
    ports: listOf(rule.destinationPortRange, rule.destinationPortRanges),
  });

const spread = (values: readonly string[], one: string, many: string): object =>
  values.length === 1 ? { [one]: values[0] } : { [many]: [...values] };

/** A rule of our own as Azure takes it. */
export const ownRule = (rule: RuleValue, priority: number, runId: string): SecurityRule => ({
  priority,
  direction: rule.direction,
  access: rule.access,
  protocol: rule.protocol,
  description: `Cordon run ${runId}; its release takes this rule back.`,
  ...spread(rule.sources, 'sourceAddressPrefix', 'sourceAddressPrefixes'),
  ...spread(rule.sourcePorts, 'sourcePortRange', 'sourcePortRanges'),
  ...spread(rule.destinations, 'destinationAddressPrefix', 'destinationAddressPrefixes'),
  ...spread(rule.ports, 'destinationPortRange', 'destinationPortRanges'),
});

/** A rule of our own that denies all it is not told otherwise. */
export const denyRule = (
  rule: Pick<RuleValue, 'direction'> & Partial<Pick<RuleValue, 'sources' | 'destinations' | 'ports'>>,
): RuleValue => ({
  priority: 'top',
  access: 'Deny',
  protocol: '*',
  sources: ['*'],
  sourcePorts: ['*'],
  destinations: ['*'],
  ports: ['*'],
  ...rule,
});

const firstPriority = 100;
const lastPriority = 4_096;

/** The first priority that no rule of the direction has, counted from the top; undefined when all are taken. */
export function freePriority(
  taken: readonly Pick<SecurityRule, 'direction' | 'priority'>[],
  direction: RuleValue['direction'],
): number | undefined {
  const used = new Set(taken.filter((rule) => rule.direction === direction).map(({ priority }) => priority));
  for (let priority = firstPriority; priority <= lastPriority; priority += 1) if (!used.has(priority)) return priority;
  return undefined;
}

/** Just-in-time access of Defender for Cloud keeps these for as long as it was granted, and takes them away itself. */
export const isJustInTime = (ruleId: string): boolean =>
  /\/(MicrosoftDefenderForCloud|SecurityCenter)-JITRule[^/]*$/i.test(ruleId);

/** Under which the highest free place of a group is remembered. */
const topKey = (groupId: string, direction: RuleValue['direction']): string =>
  `top ${direction} ${comparable(groupId)}`;

/** The rules of a group by id, and the group itself as `null`; `{}` when there is no such group. */
export async function captureRules(
  azure: AzureSession,
  networkSecurityGroupId: string,
  { signal: abortSignal, learnt }: StepContext,
): Promise<State<RuleValue>> {
  const { resourceGroup = '', name = '' } = parseArmId(networkSecurityGroupId) ?? {};
  const { networkSecurityGroups } = azure.client(NetworkManagementClient);
  const group = await unlessAbsent(() => networkSecurityGroups.get(resourceGroup, name, { abortSignal }));
  if (!group) return {};
  const { securityRules = [] } = group;
  const hasOurs = securityRules.some((rule) => rule.name?.toLowerCase().startsWith('cordon-'));
  for (const direction of ['Inbound', 'Outbound'] as const) {
    const top = hasOurs ? undefined : freePriority(securityRules, direction);
    if (top === undefined) learnt.delete(topKey(networkSecurityGroupId, direction));
    else learnt.set(topKey(networkSecurityGroupId, direction), `${top}`);
  }
  const rules = securityRules.map((rule) => [`${group.id}/securityRules/${rule.name}`, seenRule(rule)] as const);
  return { [`${group.id}`]: null, ...Object.fromEntries(rules) };
}

/** Whether a rule overrules others: it is judged before each of them. */
export const isAbove = ({ priority }: RuleValue, others: readonly RuleValue[]): boolean =>
  others.every((other) => priority === 'top' || (other.priority !== 'top' && priority < other.priority));

/** What was captured, with our own rule at the `top` where it stands above all that it is there to overrule. */
export const ranked = (seen: State<RuleValue>, ours: string, overruled: readonly RuleValue[]): State<RuleValue> => {
  const rule = seen[ours];
  return rule && isAbove(rule, overruled) ? { ...seen, [ours]: { ...rule, priority: 'top' } } : seen;
};

/** The id of the group that was captured, as Azure spells it. */
export const groupIn = (seen: State<RuleValue>): string =>
  Object.keys(seen).find((id) => !/\/securityRules\//i.test(id)) ?? '';

/** What was captured of rules: id and value of each that is there. */
export const rulesIn = (seen: State<RuleValue>): (readonly [id: string, rule: RuleValue])[] =>
  Object.entries(seen).flatMap(([id, rule]) => (rule ? [[id, rule] as const] : []));

const place = (ruleId: string): readonly [group: string, nsg: string, rule: string] => {
  const { resourceGroup = '', names: [nsg = '', rule = ''] = [] } = parseArmId(ruleId) ?? {};
  return [resourceGroup, nsg, rule];
};

/** The highest place that is free now; a rule that is written anew gives its own up. */
async function topOf(azure: AzureSession, ruleId: string, to: RuleValue, { signal }: StepContext): Promise<number> {
  const [resourceGroup, nsg, name] = place(ruleId);
  const { networkSecurityGroups } = azure.client(NetworkManagementClient);
  const { securityRules = [] } = await networkSecurityGroups.get(resourceGroup, nsg, { abortSignal: signal });
  const others = securityRules.filter((rule) => rule.name?.toLowerCase() !== name.toLowerCase());
  const priority = freePriority(others, to.direction);
  if (priority !== undefined) return priority;
  throw new CordonError({
    code: 'no-free-priority',
    message: `${nsg} has no priority left for ${name}`,
    remedy: 'Delete a rule that is no longer needed.',
  });
}

/** False where somebody else has taken the place meanwhile. */
async function unlessTaken(put: () => Promise<unknown>): Promise<boolean> {
  try {
    await put();
    return true;
  } catch (thrown) {
    if (azureCode(thrown) === 'SecurityRuleConflict') return false;
    throw thrown;
  }
}

/** Makes, changes or deletes a rule of our own. */
export async function writeOwnRule(
  azure: AzureSession,
  ruleId: string,
  to: RuleValue | null,
  step: StepContext,
): Promise<void> {
  const { securityRules } = azure.client(NetworkManagementClient);
  const abortSignal = step.signal;
  const at = place(ruleId);
  if (to === null) return void (await completed(securityRules.delete(...at, { abortSignal }), step));
  const put = (priority: number) =>
    completed(securityRules.createOrUpdate(...at, ownRule(to, priority, step.runId), { abortSignal }), step);
  if (to.priority !== 'top') return void (await put(to.priority));
  const key = topKey(ruleId.slice(0, ruleId.search(/\/securityRules\//i)), to.direction);
  const seen = step.learnt.get(key);
  step.learnt.delete(key); // this rule takes it
  if (seen !== undefined && (await unlessTaken(() => put(Number(seen))))) return;
  await put(await topOf(azure, ruleId, to, step));
}

/** Changes the access of somebody else's rule and nothing else of it. */
export async function flipRule(
  azure: AzureSession,
  ruleId: string,
  access: RuleValue['access'],
  step: StepContext,
): Promise<void> {
  const { securityRules } = azure.client(NetworkManagementClient);
  const at = place(ruleId);
  const rule = await securityRules.get(...at, { abortSignal: step.signal });
  const options = ifUnchanged(rule.etag, step.signal);
  await completed(securityRules.createOrUpdate(...at, { ...rule, access }, options), step);
}

const onGroup = (allow: string) => ({ allow, on: '{networkSecurityGroupId}' });

/** What it takes to read a group's rules, and to write one. */
export const rulePermissions = {
  read: [onGroup('Microsoft.Network/networkSecurityGroups/read')],
  write: [
    onGroup('Microsoft.Network/networkSecurityGroups/read'),
    ...['read', 'write', 'delete'].map((verb) =>
      onGroup(`Microsoft.Network/networkSecurityGroups/securityRules/${verb}`),
    ),
    mayFollow('Microsoft.Network'),
  ],
};
