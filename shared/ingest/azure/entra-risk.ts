import * as z from 'zod';
import { type Finding, severities } from '../../model/finding.ts';
import type { Target } from '../../model/target.ts';
import { isAddress, OptionalInstant, problemOf, quoted, Text } from '../shape.ts';
import { found, malformed, type Reading } from '../source.ts';
import { entraServicePrincipal, entraUser } from './entra-targets.ts';

/** Of a diagnostic record: who or what is at risk, or one observation that makes it so. The members are Graph's own. */
const Risk = z.object({
  id: z.string().regex(/^[\w-]{1,200}$/, 'an id of Microsoft Graph'),
  riskState: z.string(),
  riskLevel: Text,
  riskLevelAggregated: Text,
  riskLevelDuringSignIn: Text,
  riskDetail: Text,
  riskEventType: Text,
  riskLastUpdatedDateTime: OptionalInstant,
  lastUpdatedDateTime: OptionalInstant,
  detectedDateTime: OptionalInstant,
  activityDateTime: OptionalInstant,
  createdDateTime: OptionalInstant,
  userId: Text,
  userPrincipalName: Text,
  userDisplayName: Text,
  servicePrincipalId: Text,
  servicePrincipalDisplayName: Text,
  displayName: Text,
  appId: Text,
  ipAddress: Text,
  isDeleted: z.boolean().nullish(),
  status: z.object({ errorCode: z.number().nullish() }).nullish(),
});
type Risk = z.infer<typeof Risk>;

/** A category of risk records: where Graph keeps the same, what is at risk, and the type where the record says none. */
type Kind = {
  readonly collection: string;
  readonly of: 'user' | 'service-principal';
  /** True where the record's own id is that of who is at risk. */
  readonly itself: boolean;
  readonly type: string;
};

/** By diagnostic category (learn.microsoft.com/entra/identity/monitoring-health/concept-diagnostic-settings-logs-options). */
export const riskKinds: Readonly<Record<string, Kind>> = {
  riskyusers: { collection: 'riskyUsers', of: 'user', itself: true, type: 'riskyUser' },
  userriskevents: { collection: 'riskDetections', of: 'user', itself: false, type: 'riskDetection' },
  riskyserviceprincipals: {
    collection: 'riskyServicePrincipals',
    of: 'service-principal',
    itself: true,
    type: 'riskyServicePrincipal',
  },
  serviceprincipalriskevents: {
    collection: 'servicePrincipalRiskDetections',
    of: 'service-principal',
    itself: false,
    type: 'servicePrincipalRiskDetection',
  },
  signinlogs: { collection: 'signIns', of: 'user', itself: false, type: 'riskySignIn' },
  noninteractiveusersigninlogs: { collection: 'signIns', of: 'user', itself: false, type: 'riskySignIn' },
};

/** learn.microsoft.com/graph/api/resources/riskyuser, riskState. */
const states: ReadonlyMap<string, Finding['status']> = new Map([
  ['atrisk', 'new'],
  ['confirmedcompromised', 'new'],
  ['remediated', 'resolved'],
  ['none', 'resolved'],
  ['dismissed', 'dismissed'],
  ['confirmedsafe', 'dismissed'],
]);

const levelOf = ({ riskLevel, riskLevelAggregated, riskLevelDuringSignIn }: Risk): string =>
  [riskLevel, riskLevelAggregated, riskLevelDuringSignIn].find((level) => level && level !== 'none') ?? '';

/** The level; Critical where a person or Entra has confirmed it, so that guards can tell suspicion from certainty. */
function severityOf(risk: Risk): Finding['severity'] {
  if (risk.riskState.toLowerCase() === 'confirmedcompromised') return 'Critical';
  const level = levelOf(risk).toLowerCase();
  return severities.find((caption) => caption.toLowerCase() === level) ?? 'Unknown';
}

function subjectOf(risk: Risk, kind: Kind, tenant: string): Target | undefined {
  const { userPrincipalName, appId, id } = risk;
  if (kind.of === 'user')
    return entraUser({ userId: kind.itself ? id : risk.userId, userPrincipalName }, tenant, 'affected');
  const name = risk.servicePrincipalDisplayName ?? risk.displayName;
  const servicePrincipalId = kind.itself ? id : risk.servicePrincipalId;
  return entraServicePrincipal({ servicePrincipalId, appId, name }, tenant, 'affected');
}

const remedy = 'Send the record as diagnostic settings write it to Event Hubs.';

/** Whether a sign-in carries a risk at all: most do not. */
export const carriesRisk = (properties: unknown): boolean => {
  const risk = z.object({ riskState: z.string() }).safeParse(properties);
  return risk.success && !['none', ''].includes(risk.data.riskState.toLowerCase());
};

function addressOf({ ipAddress }: Risk, account: string): readonly Target[] {
  if (!isAddress(ipAddress)) return [];
  const common = { id: ipAddress, name: ipAddress, account, region: '', role: 'related' as const };
  return [{ type: 'network.address', ...common, address: ipAddress, direction: 'inbound' }];
}

/** A sign-in is a call of its own: a refused one has given nobody anything. */
const callOf = ({ collection }: Kind, { status }: Risk): Finding['call'] =>
  collection === 'signIns'
    ? {
        operation: 'Sign-in',
        service: 'Microsoft.aadiam',
        succeeded: (status?.errorCode ?? 0) === 0,
        ...(status?.errorCode && { errorCode: String(status.errorCode) }),
      }
    : undefined;

/** One record of a risk category as a finding; `fallback` is the envelope's time. */
export function readRisk(properties: unknown, kind: Kind, tenant: string, fallback: string | undefined): Reading {
  const parsed = Risk.safeParse(properties);
  if (!parsed.success) return malformed(problemOf(parsed.error, 'properties'), remedy);
  const risk = parsed.data;
  const status = states.get(risk.riskState.toLowerCase());
  if (!status)
    return malformed(`properties.riskState: ${quoted(risk.riskState)} is not known.`, 'Report it: it may be closed.');
  const subject = subjectOf(risk, kind, tenant);
  if (!subject) return malformed('properties: nobody is named who is at risk.', remedy);
  const first = risk.activityDateTime ?? risk.detectedDateTime ?? risk.createdDateTime;
  const last = risk.riskLastUpdatedDateTime ?? risk.lastUpdatedDateTime ?? risk.detectedDateTime ?? first ?? fallback;
  if (!last) return malformed('The record says no time.', remedy);
  const type = risk.riskEventType ?? kind.type;
  return found({
    id: `${kind.collection}/${risk.id}`.toLowerCase(),
    provider: 'entra',
    cloud: 'azure',
    type,
    title: `${subject.name}: ${type}`,
    description: `Risk level ${levelOf(risk) || 'none'}, state ${risk.riskState}, detail ${risk.riskDetail ?? 'none'}.`,
    severity: severityOf(risk),
    severityOriginal: levelOf(risk),
    status: risk.isDeleted === true ? 'archived' : status,
    account: tenant,
    region: '',
    createdAt: first ?? last,
    updatedAt: last,
    count: 1,
    sample: false,
    snapshot: false,
    call: callOf(kind, risk),
    resources: [subject, ...addressOf(risk, tenant)],
    link: { collection: kind.collection, recordId: risk.id, riskState: risk.riskState },
  });
}
