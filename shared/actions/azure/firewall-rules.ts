import * as z from 'zod';
import type { State, StepContext } from '../../action/action.ts';
import { parseAddress } from '../../pattern/address.ts';
import { deleteArm, listArm, putArm } from './arm-resource.ts';
import type { AzureSession } from './azure-action.ts';
import { unlessAbsent } from './fault.ts';

/** Who may connect to a database server: from the first address to the last. */
export const RuleValue = z.strictObject({ start: z.string(), end: z.string() });
export type RuleValue = z.infer<typeof RuleValue>;

/** What the actions on firewall rules take: which rules are to go. */
export const ruleInputs = {
  rule: z
    .string()
    .min(1)
    .max(128)
    .optional()
    .describe('The one rule to remove; by default every rule that lets anybody in.'),
  addresses: z
    .array(z.ipv4())
    .max(50)
    .default([])
    .describe('Rules that let one of these addresses in are removed as well.'),
  azureServices: z
    .boolean()
    .default(false)
    .describe('Whether the rule that lets in whatever runs in Azure, of any tenant, is removed as well.'),
};
const Inputs = z.object(ruleInputs);
type Inputs = z.infer<typeof Inputs>;

/** A range wider than any one organisation has: an IPv4 /8. */
const widest = 2 ** 24;
const azureAddress = '0.0.0.0';

/** Lets in whatever runs in Azure, whoever owns it. */
export const isForAzure = ({ start, end }: RuleValue): boolean => start === azureAddress && end === azureAddress;

const numbers = ({ start, end }: RuleValue): readonly [first: number, last: number] => [
  Number(parseAddress(start)),
  Number(parseAddress(end)),
];

/** Lets so much of the internet in that it is nobody in particular. */
export function isForAnybody(rule: RuleValue): boolean {
  const [first, last] = numbers(rule);
  return last - first >= widest;
}

function lets(rule: RuleValue, address: string): boolean {
  const [first, last] = numbers(rule);
  const number = Number(parseAddress(address));
  return first <= number && number <= last;
}

/** The last part of the id of a rule. */
export const nameOf = (ruleId: string): string => ruleId.slice(ruleId.lastIndexOf('/') + 1);

function isMeant(id: string, rule: RuleValue, { rule: only, addresses, azureServices }: Inputs): boolean {
  if (only !== undefined) return nameOf(id).toLowerCase() === only.toLowerCase();
  if (isForAzure(rule)) return azureServices;
  return isForAnybody(rule) || addresses.some((address) => lets(rule, address));
}

/** The rules that are to go. */
export const wanted = (inputs: Inputs, seen: State<RuleValue>): State<RuleValue> =>
  Object.fromEntries(
    Object.entries(seen).flatMap(([id, rule]) => (rule && isMeant(id, rule, inputs) ? [[id, null] as const] : [])),
  );

const shape = z.object({
  id: z.string(),
  properties: z.object({ startIpAddress: z.string(), endIpAddress: z.string() }),
});

/** The rules of a server by id, and the server itself as `null`; `{}` when there is no such server. */
export async function readRules(
  azure: AzureSession,
  apiVersion: string,
  serverId: string,
  signal: AbortSignal,
): Promise<State<RuleValue>> {
  const listed = await unlessAbsent(() => listArm(azure, { apiVersion, shape }, `${serverId}/firewallRules`, signal));
  if (!listed) return {};
  const rules = listed.map(
    ({ id, properties: { startIpAddress: start, endIpAddress: end } }) => [id, { start, end }] as const,
  );
  return { [serverId]: null, ...Object.fromEntries(rules) };
}

/** Removes a rule, or makes it again under its name. */
export async function writeRule(
  azure: AzureSession,
  apiVersion: string,
  { id, to }: { readonly id: string; readonly to: RuleValue | null },
  step: StepContext,
): Promise<void> {
  if (to === null) return deleteArm(azure, { apiVersion }, id, step);
  const properties = { startIpAddress: to.start, endIpAddress: to.end };
  return putArm(azure, { apiVersion }, id, { properties }, step);
}

/** What holds for the rules of every kind of server. */
export const ruleCautions: readonly string[] = [
  'Connections that are already open go on.',
  'A server may go by a removed rule for up to five minutes.',
  'Whoever came in through a removed rule by right is shut out as well.',
];
