import * as z from 'zod';
import type { Actor } from '../../model/actor.ts';
import type { Target } from '../../model/target.ts';
import { isAddress, OptionalInstant, problemOf, quoted, Text } from '../shape.ts';
import { found, ignored, malformed, type Reading } from '../source.ts';
import { entraServicePrincipal, entraUser, guidOf } from './entra-targets.ts';

const Modified = z.object({ displayName: Text, oldValue: Text, newValue: Text });

const Resource = z.object({
  id: Text,
  displayName: Text,
  type: Text,
  userPrincipalName: Text,
  modifiedProperties: z.array(Modified).nullish(),
});
type Resource = z.infer<typeof Resource>;

const Initiator = z.object({
  user: z.object({ id: Text, userPrincipalName: Text, ipAddress: Text }).nullish(),
  app: z.object({ appId: Text, servicePrincipalId: Text, displayName: Text }).nullish(),
});
type Initiator = z.infer<typeof Initiator>;

/** A change of the directory (learn.microsoft.com/graph/api/resources/directoryaudit). */
const Audit = z.object({
  id: z.string().regex(/^[\w-]{1,200}$/, 'an id of Microsoft Graph'),
  activityDisplayName: z.string().min(1),
  activityDateTime: OptionalInstant,
  category: Text,
  result: Text,
  resultReason: Text,
  initiatedBy: Initiator.nullish(),
  targetResources: z.array(Resource).nullish(),
  additionalDetails: z.array(z.object({ key: Text, value: Text })).nullish(),
});
type Audit = z.infer<typeof Audit>;

/** Changes by which somebody who is in comes back, rises or opens the door (learn.microsoft.com/entra/identity/monitoring-health/reference-audit-activities). */
const grave: ReadonlySet<string> = new Set([
  'add member to role',
  'add eligible member to role',
  'add scoped member to role',
  'add service principal credentials',
  'update application - certificates and secrets management',
  'add owner to application',
  'add owner to service principal',
  'consent to application',
  'add app role assignment to service principal',
  'add delegated permission grant',
  'disable strong authentication',
  'admin deleted security info',
  'add unverified domain',
  'add verified domain',
  'verify domain',
  'set domain authentication',
  'set federation settings on domain',
  'delete conditional access policy',
]);

/** As the portal and the log write the same activity: with another dash, or a full stop at the end. */
const plain = (activity: string): string => activity.replaceAll('–', '-').replace(/\.$/, '').trim().toLowerCase();

/** New values come as JSON inside text: `"\"Global Administrator\""`. */
const bare = (value: string | undefined): string => (value ?? '').replace(/^"(.*)"$/s, '$1');

const changedTo = ({ modifiedProperties }: Resource, name: string): string =>
  bare(modifiedProperties?.find(({ displayName }) => displayName === name)?.newValue);

/** The role that is given: by its template, which is the same in every tenant. */
function roleIn(resource: Resource, account: string): readonly Target[] {
  const id = guidOf(changedTo(resource, 'Role.TemplateId'));
  if (id === undefined) return [];
  const name = changedTo(resource, 'Role.DisplayName') || id;
  return [{ type: 'other', id, name, account, region: '', role: 'related', kind: 'directory-role' }];
}

const keyId = /KeyIdentifier=([0-9a-f-]{36}),/gi;
const keysIn = (described: string | undefined): string[] =>
  [...(described ?? '').matchAll(keyId)].map(([, id = '']) => id.toLowerCase());

/** Secrets and certificates that are described now and were not before. */
function addedKeys({ modifiedProperties }: Resource): { readonly addedKeys?: string[] } {
  const described = modifiedProperties?.find(({ displayName }) => displayName === 'KeyDescription');
  if (!described) return {};
  const before = keysIn(described.oldValue);
  return { addedKeys: keysIn(described.newValue).filter((id) => !before.includes(id)) };
}

/** An application is the service principal that signs in as it: the record has its client id beside. */
function applicationOf({ id, displayName: name }: Resource, audit: Audit, tenant: string): Target | undefined {
  const appId = audit.additionalDetails?.find(({ key }) => key?.toLowerCase() === 'appid')?.value;
  const target = entraServicePrincipal({ appId, name }, tenant, 'affected');
  return target?.type === 'azure.entra.service-principal' ? { ...target, applicationId: guidOf(id) } : undefined;
}

function targetOf(resource: Resource, audit: Audit, tenant: string): readonly Target[] {
  const { id, displayName: name, type = 'resource', userPrincipalName } = resource;
  const kind = type.toLowerCase();
  const user = kind === 'user' ? entraUser({ userId: id, userPrincipalName }, tenant, 'affected') : undefined;
  const itself =
    kind === 'serviceprincipal'
      ? entraServicePrincipal({ servicePrincipalId: id, name }, tenant, 'affected')
      : undefined;
  const application = itself ?? (kind === 'application' ? applicationOf(resource, audit, tenant) : undefined);
  if (application?.type === 'azure.entra.service-principal') return [{ ...application, ...addedKeys(resource) }];
  if (user) return [user];
  const other = id ?? name;
  if (other === undefined || kind === 'role') return [];
  return [{ type: 'other', id: other, name: name ?? other, account: tenant, region: '', role: 'affected', kind }];
}

function initiator({ user, app }: Initiator, tenant: string): { readonly actor?: Actor; readonly target?: Target } {
  const addresses = isAddress(user?.ipAddress) ? [user.ipAddress] : [];
  const person = user && entraUser({ userId: user.id, userPrincipalName: user.userPrincipalName }, tenant, 'actor');
  if (person?.type === 'azure.entra.user') {
    const { userId, userPrincipalName } = person;
    return { target: person, actor: { type: 'entra-user', account: tenant, userId, userPrincipalName, addresses } };
  }
  const application = app && entraServicePrincipal({ ...app, name: app.displayName }, tenant, 'actor');
  if (application?.type !== 'azure.entra.service-principal') return {};
  const { servicePrincipalId: principalId, appId } = application;
  return { target: application, actor: { type: 'service-principal', account: tenant, principalId, appId, addresses } };
}

/** Everything named, once in each role: who gives rights to himself is affected and actor. */
function unique(targets: readonly Target[]): Target[] {
  return [...new Map(targets.map((target) => [`${target.role} ${target.id}`, target])).values()];
}

function findingOf(audit: Audit, tenant: string, at: string): Reading {
  const type = audit.activityDisplayName.replaceAll('–', '-').replace(/\.$/, '').trim();
  const { actor, target } = initiator(audit.initiatedBy ?? {}, tenant);
  const about = audit.targetResources ?? [];
  const named = [
    ...about.flatMap((resource) => targetOf(resource, audit, tenant)),
    ...about.flatMap((resource) => roleIn(resource, tenant)),
    ...(target ? [target] : []),
  ];
  const names = about.map(({ userPrincipalName, displayName, id }) => userPrincipalName ?? displayName ?? id);
  const by = target ? ` by ${target.name}` : '';
  return found({
    id: `directoryAudits/${audit.id}`.toLowerCase(),
    provider: 'entra',
    cloud: 'azure',
    type,
    title: `${type}${by}`,
    description: `${type}: ${names.filter(Boolean).join(', ') || 'nothing named'}${by}.`,
    severity: 'Unknown',
    severityOriginal: '',
    status: 'new',
    account: tenant,
    region: '',
    createdAt: at,
    updatedAt: at,
    count: 1,
    sample: false,
    snapshot: false,
    actor,
    call: { operation: type, service: 'Microsoft.aadiam', succeeded: true },
    resources: unique(named),
    link: { collection: 'directoryAudits', recordId: audit.id },
  });
}

const remedy = 'Send the record as diagnostic settings write it to Event Hubs.';

/** One record of the directory's audit log; `fallback` is the envelope's time. */
export function readAudit(properties: unknown, tenant: string, fallback: string | undefined): Reading {
  const parsed = Audit.safeParse(properties);
  if (!parsed.success) return malformed(problemOf(parsed.error, 'properties'), remedy);
  const { activityDisplayName, activityDateTime, result } = parsed.data;
  if (!grave.has(plain(activityDisplayName)))
    return ignored(`The activity ${quoted(activityDisplayName)} gives nobody access to anything.`);
  if ((result ?? 'success').toLowerCase() !== 'success')
    return ignored(`The activity ${quoted(activityDisplayName)} ended with ${quoted(result)}: nothing was changed.`);
  const at = activityDateTime ?? fallback;
  return at ? findingOf(parsed.data, tenant, at) : malformed('The record says no time.', remedy);
}
