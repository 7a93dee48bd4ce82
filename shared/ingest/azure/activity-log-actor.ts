import { below, isObject, own } from '../../model/json.ts';
import type { Actor } from '../../model/actor.ts';
import type { Target } from '../../model/target.ts';
import { isAddress } from '../shape.ts';
import type { Entry } from './activity-log-entry.ts';
import { entraServicePrincipal, entraUser, guidOf } from './entra-targets.ts';

/** The claims of the caller's token, by what they say (learn.microsoft.com/entra/identity-platform/access-token-claims-reference). */
const claimNames = {
  objectId: 'http://schemas.microsoft.com/identity/claims/objectidentifier',
  tenant: 'http://schemas.microsoft.com/identity/claims/tenantid',
  upn: 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn',
  methods: 'http://schemas.microsoft.com/claims/authnmethodsreferences',
  appId: 'appid',
  kind: 'idtyp',
} as const;

const longest = 320;

const textIn = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' && value.length <= longest ? value : undefined;
const idIn = (value: unknown): string | undefined => guidOf(textIn(value));

type Caller = {
  readonly objectId: string | undefined;
  readonly tenant: string | undefined;
  readonly upn: string | undefined;
  readonly appId: string | undefined;
  /** `app` where an application acted for itself. */
  readonly kind: string | undefined;
};

/** Who called, as the token says; where the record has no claims, as the record itself or the role that was used says. */
function callerOf({ claims, caller, authorization, tenantid }: Entry): Caller {
  const claim = (name: keyof typeof claimNames) => own(claims, claimNames[name]);
  const evidence = below(authorization, 'evidence');
  const by = textIn(below(evidence, 'principaltype'))?.toLowerCase();
  const kinds: Readonly<Record<string, string>> = { user: 'user', serviceprincipal: 'app' };
  const kind = textIn(claim('kind'))?.toLowerCase() ?? (by === undefined ? undefined : own(kinds, by));
  // the principal of the role that was used is the caller itself, unless it is a group
  const principal = by !== undefined && own(kinds, by) !== undefined ? idIn(below(evidence, 'principalid')) : undefined;
  return {
    objectId: idIn(claim('objectId')) ?? idIn(caller) ?? principal,
    tenant: idIn(claim('tenant')) ?? idIn(tenantid),
    upn: textIn(claim('upn')) ?? (caller?.includes('@') ? textIn(caller) : undefined),
    appId: idIn(claim('appId')),
    kind: typeof kind === 'string' ? kind : undefined,
  };
}

const port = /^(?:\[(.+)\]|([\d.]+)):\d{1,5}$/;

/** The address that the call came from; Event Hubs may write a port behind it. */
function addressesOf({ address = '' }: Entry): string[] {
  const [, six, four] = port.exec(address) ?? [];
  const bare = six ?? four ?? address;
  return isAddress(bare) ? [bare] : [];
}

/** Who made the change: a user or an application of Entra, or nobody that could be told. */
export function actorOf(entry: Entry): Actor | undefined {
  const { objectId, tenant: account, upn, appId, kind } = callerOf(entry);
  const addresses = addressesOf(entry);
  if (upn !== undefined || kind === 'user')
    return { type: 'entra-user', account, userId: objectId, userPrincipalName: upn, addresses };
  if (kind === 'app' || appId !== undefined)
    return { type: 'service-principal', account, principalId: objectId, appId, addresses };
  if (objectId !== undefined) return { type: 'other', account, principalId: objectId, addresses };
  return addresses.length > 0 ? { type: 'other', addresses } : undefined;
}

/** The same as a target, so that a playbook may contain who did it; none without a tenant. */
export function actorTarget({
  type,
  account,
  userId,
  principalId,
  userPrincipalName,
  appId,
}: Actor): readonly Target[] {
  if (account === undefined) return [];
  const target =
    type === 'entra-user'
      ? entraUser({ userId, userPrincipalName }, account, 'actor')
      : type === 'service-principal'
        ? entraServicePrincipal({ servicePrincipalId: principalId, appId }, account, 'actor')
        : undefined;
  return target ? [target] : [];
}

/** Whether the caller had proven a second factor, where the token says how it was proven. */
export function hadSecondFactor({ claims }: Entry): boolean | undefined {
  const methods = isObject(claims) ? textIn(own(claims, claimNames.methods)) : undefined;
  return methods?.split(',').some((method) => ['mfa', 'ngcmfa'].includes(method.trim().toLowerCase()));
}
