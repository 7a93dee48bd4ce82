import * as z from 'zod';
import { own } from '../../model/json.ts';
import { OptionalInstant, problemOf, quoted, Text } from '../shape.ts';
import { ignored, malformed, type Source } from '../source.ts';
import { readAudit } from './entra-audit.ts';
import { carriesRisk, readRisk, riskKinds } from './entra-risk.ts';
import { guidOf } from './entra-targets.ts';

/** A record of diagnostic settings; risk records write `time` as `8/22/2026 6:11:52 PM`, which is not relied on. */
const Message = z.object({
  category: z.string(),
  tenantId: Text,
  resourceId: Text,
  time: Text,
  properties: z.record(z.string(), z.unknown()),
});

const remedy = 'Send the record as diagnostic settings write it to Event Hubs.';

/** Logs of the directory that tell nothing of their own. */
const leftAlone: Readonly<Record<string, string>> = {
  serviceprincipalsigninlogs: 'A sign-in of an application; its risk comes by itself as ServicePrincipalRiskEvents.',
  managedidentitysigninlogs: 'A sign-in of a managed identity carries no risk.',
  adfssigninlogs: 'A sign-in at a federation server carries no risk of Entra.',
  provisioninglogs: 'Provisioning reports what it was set up to do.',
  microsoftgraphactivitylogs: 'A call to Microsoft Graph; what it changes comes as AuditLogs.',
};

/** Events of the Graph partner topic (learn.microsoft.com/azure/event-grid/microsoft-entra-events). */
const partner = ['userupdated', 'userdeleted', 'groupupdated', 'groupdeleted'];

const isOfEntra = (resourceId = ''): boolean => /\/providers\/microsoft\.aadiam(\/|$)/i.test(resourceId);

const tenantOf = ({ tenantId, resourceId = '' }: z.infer<typeof Message>): string | undefined =>
  guidOf(tenantId) ?? guidOf(/^\/tenants\/([^/]+)/i.exec(resourceId)?.[1]);

/** Risk of users and applications, and changes of the directory, from Microsoft Entra. */
export const entra: Source = {
  id: 'entra',
  title: 'Entra risk and directory changes',
  delivery:
    'Diagnostic settings of Microsoft Entra to Event Hubs: RiskyUsers, UserRiskEvents, RiskyServicePrincipals, ServicePrincipalRiskEvents, AuditLogs, and sign-ins that carry a risk; made by a Security Administrator for the hub signals (CORDON_SIGNALS, the command is in the README); Graph events of the partner topic name ids only and are ignored',
  identity: 'the collection of Microsoft Graph that keeps it and the id there, as riskyUsers/0a1b…',
  confirm: 'finding',
  sampleMarker: 'none: a simulated risk is a risk',
  forgeable: [
    'finding.title',
    'finding.description',
    'finding.resources.name',
    'event.properties.userDisplayName',
    'event.properties.additionalInfo',
    'event.properties.targetResources.displayName',
  ],
  reference: 'https://learn.microsoft.com/entra/identity/monitoring-health/concept-diagnostic-settings-logs-options',

  envelopes: [
    'record/auditlogs',
    ...Object.keys(riskKinds).map((category) => `record/${category}`),
    ...Object.keys(leftAlone).map((category) => `record/${category}`),
    ...partner.map((type) => `grid/microsoft.graph.${type}`),
  ],

  read(event) {
    if (own(event, 'specversion') !== undefined)
      return ignored('Microsoft Graph names who was changed and not how: AuditLogs tell it.');
    const message = Message.safeParse(event);
    if (!message.success) return malformed(problemOf(message.error, ''), remedy);
    const { category, resourceId, properties, time } = message.data;
    const kind = category.toLowerCase();
    if (resourceId && !isOfEntra(resourceId))
      return ignored(`${quoted(category)} of ${quoted(resourceId)} is not a log of Microsoft Entra.`);
    const reason = Object.hasOwn(leftAlone, kind) ? leftAlone[kind] : undefined;
    if (reason !== undefined) return ignored(reason);
    const tenant = tenantOf(message.data);
    if (tenant === undefined) return malformed('tenantId: not the id of a tenant.', remedy);
    const at = OptionalInstant.safeParse(time).data;
    if (kind === 'auditlogs') return readAudit(properties, tenant, at);
    const risk = Object.hasOwn(riskKinds, kind) ? riskKinds[kind] : undefined;
    if (!risk) return ignored(`Nothing reads the category ${quoted(category)}.`);
    if (risk.collection === 'signIns' && !carriesRisk(properties)) return ignored('A sign-in without a risk.');
    return readRisk(properties, risk, tenant, at);
  },
};
