import { comparable } from '../../model/identifiers.ts';
import type { Target } from '../../model/target.ts';
import { subscriptionOf } from './arm-target.ts';
import type { Alert } from './defender-alert.ts';
import { blobsIn, isForeign, things, workloadsIn } from './defender-entities.ts';
import { addressesIn, localAccounts, principalsIn, principalTarget } from './defender-principals.ts';

/** The ids that the alert says it is about, then those its entities name beside them. */
function idsOf({
  azureresourceid,
  resourceidentifiers,
  compromisedentity,
  entities,
}: Alert): readonly [string[], string[]] {
  const about = [azureresourceid, ...(resourceidentifiers ?? []).map((one) => one.azureresourceid)];
  const beside = (entities ?? []).map(
    ({ azureid, resourceid, amazonresourceid }) => azureid ?? resourceid ?? amazonresourceid,
  );
  const given = (ids: readonly (string | undefined)[]): string[] => ids.filter((id): id is string => Boolean(id));
  if (given(about).length > 0) return [given(about), given(beside)];
  const victim = given([compromisedentity]).filter((id) => subscriptionOf(id) !== undefined);
  return victim.length > 0 ? [victim, given(beside)] : [given(beside), []];
}

/** The resource outside Azure that an alert is about, where it is about none inside. */
export function foreignIn(alert: Alert): string | undefined {
  const [about] = idsOf(alert);
  return about.every(isForeign) ? about[0] : undefined;
}

/** The first resource id of the alert, by which its subscription is told. */
export const subscriptionIn = (alert: Alert): string | undefined =>
  idsOf(alert).flat().map(subscriptionOf).find(Boolean);

function unique(targets: readonly Target[]): readonly Target[] {
  const first = new Map<string, Target>();
  for (const target of targets) if (!first.has(comparable(target.id))) first.set(comparable(target.id), target);
  return [...first.values()];
}

/** How the logs of storage spell it (learn.microsoft.com/azure/storage/blobs/monitor-blob-storage-reference), and alerts much alike. */
const letIn: readonly (readonly [form: RegExp, by: 'nothing' | 'key' | 'sas' | 'identity'])[] = [
  [/anonymous/i, 'nothing'],
  [/\bsas\b|shared access/i, 'sas'],
  [/account ?key|shared ?key/i, 'key'],
  [/oauth|entra|active directory|aad|kerberos/i, 'identity'],
];

/** The storage account with how its data was reached, where the alert says so. */
function withAccess(target: Target, { extendedproperties }: Alert): Target {
  const said = extendedproperties?.['authentication type'];
  if (target.type !== 'azure.storage.account' || said === undefined) return target;
  const letInBy = letIn.find(([form]) => form.test(said))?.[1];
  return letInBy === undefined ? target : { ...target, letInBy };
}

/** The resources of an alert: what it is about, who is named in it, and what stands beside. */
export function targetsOf(alert: Alert, owner: string): readonly Target[] {
  const [about, beside] = idsOf(alert);
  const principals = principalsIn(alert);
  const affected = things(about, 'affected', owner).map((one) => withAccess(one, alert));
  const role = affected.length === 0 ? 'affected' : principals.length === 1 ? 'actor' : 'related';
  const named = [
    ...affected,
    ...principals.map((one) => principalTarget(one, role, owner)),
    ...things(beside, 'related', owner),
    ...workloadsIn(alert, affected),
    ...blobsIn(alert, affected),
    ...localAccounts(alert, owner),
    ...addressesIn(alert, owner),
  ];
  if (named.some((one) => one.role === 'affected')) return unique(named);
  const id = alert.compromisedentity ?? alert.alerttype;
  return unique([
    { type: 'other', id, name: id, account: owner, region: '', role: 'affected', kind: 'unknown' },
    ...named,
  ]);
}
