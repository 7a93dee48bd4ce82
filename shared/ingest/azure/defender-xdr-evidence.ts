import * as z from 'zod';
import { SubscriptionId } from '../../model/identifiers.ts';
import type { Target } from '../../model/target.ts';
import { isAddress, lowerKeys, OptionalInstant, Text } from '../shape.ts';
import { armTargets } from './arm-target.ts';
import { entraServicePrincipal, entraUser } from './entra-targets.ts';

/** Ids that some products write as numbers. */
const Id = z
  .union([z.string(), z.number()])
  .nullish()
  .transform((id) => (id === null || id === undefined || id === '' ? undefined : String(id)));

/** One thing that an alert is about (learn.microsoft.com/defender-xdr/advanced-hunting-alertevidence-table). */
export const Evidence = z.object({
  Timestamp: OptionalInstant,
  AlertId: z.string().regex(/^[\w-]{1,200}$/, 'an id of an alert'),
  Title: Text,
  Severity: Text,
  Categories: Text,
  ServiceSource: Text,
  DetectionSource: Text,
  EntityType: z.string().min(1),
  EvidenceRole: Text,
  EvidenceDirection: Text,
  AccountObjectId: Text,
  AccountUpn: Text,
  AccountName: Text,
  AccountDomain: Text,
  AccountSid: Text,
  DeviceId: Text,
  DeviceName: Text,
  RemoteIP: Text,
  LocalIP: Text,
  RemoteUrl: Text,
  SHA1: Text,
  SHA256: Text,
  FileName: Text,
  NetworkMessageId: Text,
  RegistryKey: Text,
  OAuthApplicationId: Id,
  ApplicationId: Id,
  Application: Text,
  CloudResource: Text,
  ResourceType: Text,
  ResourceID: Text,
  AdditionalFields: z.unknown().optional(),
});
export type Evidence = z.infer<typeof Evidence>;

const Vm = z.preprocess(lowerKeys, z.object({ resourceid: Text })).nullish();
const More = z.preprocess(
  lowerKeys,
  z.object({ azureid: Text, azureresourceid: Text, resourceid: Text, vmmetadata: Vm, mergebykeyhex: Text }),
);

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return {}; // free text: nothing is read from it
  }
}

/** What stands in `AdditionalFields`, which is JSON as text. */
function moreOf({ AdditionalFields: more }: Evidence): z.infer<typeof More> {
  const read = More.safeParse(typeof more === 'string' ? parsed(more) : more);
  return read.success ? read.data : More.parse({});
}

const armId = /^\/subscriptions\/([^/]+)(\/|$)/i;

/** The Azure resource that a machine or a cloud resource is; undefined where it is none. */
function azureIdOf(evidence: Evidence): string | undefined {
  const { azureid, azureresourceid, vmmetadata, resourceid } = moreOf(evidence);
  return [evidence.ResourceID, azureid, azureresourceid, vmmetadata?.resourceid, resourceid].find(
    (id) => SubscriptionId.safeParse(armId.exec(id ?? '')?.[1]).success,
  );
}

/** What tells one entity of an alert from the others, by the kind that the alert calls it. */
const keys: Readonly<Record<string, (evidence: Evidence) => readonly (string | undefined)[]>> = {
  user: ({ AccountObjectId, AccountUpn, AccountSid, AccountName }) => [
    AccountObjectId,
    AccountUpn,
    AccountSid,
    AccountName,
  ],
  machine: ({ DeviceId, DeviceName }) => [DeviceId, DeviceName],
  ip: ({ RemoteIP, LocalIP }) => [RemoteIP, LocalIP],
  cloudresource: (evidence) => [azureIdOf(evidence), evidence.ResourceID, evidence.CloudResource],
  file: ({ SHA256, SHA1, FileName }) => [SHA256, SHA1, FileName],
  oauthapplication: ({ OAuthApplicationId, ApplicationId, Application }) => [
    OAuthApplicationId,
    ApplicationId,
    Application,
  ],
  cloudapplication: ({ ApplicationId, Application }) => [ApplicationId, Application],
};

const others = (evidence: Evidence): readonly (string | undefined)[] => [
  moreOf(evidence).mergebykeyhex,
  evidence.RemoteUrl,
  evidence.NetworkMessageId,
  evidence.RegistryKey,
  evidence.SHA256,
  evidence.SHA1,
  evidence.FileName,
];

const kindOf = ({ EntityType }: Evidence): string => EntityType.toLowerCase();

/** `user/0a1b…`: what stands behind the alert's id in the id of the finding. */
export function entityKey(evidence: Evidence): string {
  const kind = kindOf(evidence);
  const candidates = Object.hasOwn(keys, kind) ? (keys[kind]?.(evidence) ?? []) : others(evidence);
  return `${kind}/${candidates.find(Boolean) ?? 'unnamed'}`.toLowerCase();
}

/** Shown, and nothing can be done about it: a file, a device outside Azure, a resource of another cloud. */
function shown(evidence: Evidence, account: string, role: Target['role']): Target {
  const id = entityKey(evidence);
  const { DeviceName, FileName, CloudResource, AccountName, Application } = evidence;
  const name = DeviceName ?? FileName ?? CloudResource ?? AccountName ?? Application ?? id;
  return { type: 'other', id, name, account, region: '', role, kind: kindOf(evidence) };
}

function addressIn(evidence: Evidence, account: string, role: Target['role']): Target | undefined {
  const address = evidence.RemoteIP ?? evidence.LocalIP;
  if (!isAddress(address)) return undefined;
  const direction = evidence.EvidenceDirection?.toLowerCase() === 'destination' ? 'outbound' : 'inbound';
  return { type: 'network.address', id: address, name: address, account, region: '', role, address, direction };
}

/** The entity as a resource of its subscription, or of the tenant; a part of a resource stands behind the whole. */
export function targetsOf(evidence: Evidence, tenant: string): readonly [Target, ...Target[]] {
  const role = evidence.EvidenceRole?.toLowerCase() === 'impacted' ? 'affected' : 'related';
  const { AccountObjectId: userId, AccountUpn: userPrincipalName, OAuthApplicationId: appId, Application } = evidence;
  const azureId = azureIdOf(evidence);
  const inAzure = () => (azureId === undefined ? [] : armTargets(azureId, role, tenant));
  const makers: Readonly<Record<string, () => readonly (Target | undefined)[]>> = {
    user: () => [entraUser({ userId, userPrincipalName }, tenant, role)],
    machine: inAzure,
    cloudresource: inAzure,
    oauthapplication: () => [entraServicePrincipal({ appId, name: Application }, tenant, role)],
    ip: () => [addressIn(evidence, tenant, role)],
  };
  const kind = kindOf(evidence);
  const made = Object.hasOwn(makers, kind) ? (makers[kind]?.() ?? []) : [];
  const [first, ...rest] = made.filter((target) => target !== undefined);
  return first === undefined ? [shown(evidence, tenant, role)] : [first, ...rest];
}
