import type { Finding } from '../../shared/model/finding.ts';
import { type Json, type JsonObject, own } from '../../shared/model/json.ts';
import { addGraphRecord } from '../../shared/sandbox/azure/graph-security.ts';
import { addIncident } from '../../shared/sandbox/azure/sentinel-incidents.ts';
import type { Sandbox } from '../../shared/sandbox/sandbox.ts';

type MakeKnown = (sandbox: Sandbox, finding: Finding, event: Json) => void;

const folderOf = (collection: string): string =>
  ['directoryAudits', 'signIns'].includes(collection) ? 'auditLogs' : 'identityProtection';

/** Diagnostic records have the members of what Graph keeps. */
const entra: MakeKnown = ({ rows }, { link }, event) => {
  const { collection = '', recordId = '' } = link;
  addGraphRecord(rows, `${folderOf(collection)}/${collection}/${recordId}`, own(event, 'properties'));
};

/** An entity of an alert as Graph names it among the evidence. */
function evidenceOf({ resources }: Finding): JsonObject[] {
  return resources.map((target): JsonObject => {
    if (target.type === 'azure.entra.user') {
      const { userId = null, userPrincipalName = null } = target;
      return {
        '@odata.type': '#microsoft.graph.security.userEvidence',
        userAccount: { azureAdUserId: userId, userPrincipalName },
      };
    }
    if (target.type === 'azure.compute.virtual-machine')
      return { '@odata.type': '#microsoft.graph.security.deviceEvidence', vmMetadata: { resourceId: target.id } };
    if (target.type === 'network.address')
      return { '@odata.type': '#microsoft.graph.security.ipEvidence', ipAddress: target.address };
    return { '@odata.type': '#microsoft.graph.security.azureResourceEvidence', resourceId: target.id };
  });
}

/** The alert as Graph would answer it, made from what its evidence said. */
const defenderXdr: MakeKnown = ({ rows }, finding) => {
  const { link, title, severityOriginal } = finding;
  const { alertId = '' } = link;
  const alert = { id: alertId, title, status: 'new', severity: String(severityOriginal).toLowerCase() };
  addGraphRecord(rows, `security/alerts_v2/${alertId}`, { ...alert, evidence: evidenceOf(finding) });
};

/** The trigger's body has the incident as its API shows it, with the entities inside. */
const sentinel: MakeKnown = ({ rows }, _, event) => {
  const incident = own(event, 'object');
  const { relatedEntities = [], ...properties } = own(incident, 'properties') as JsonObject; // an incident has them
  addIncident(rows, { ...(incident as JsonObject), properties }, relatedEntities as readonly Json[]); // a list, as parsed
};

/** How findings of some sources of Azure become known to the simulated provider. */
export const knownOnAzure: { readonly [P in Finding['provider']]?: MakeKnown } = {
  entra,
  'defender-xdr': defenderXdr,
  sentinel,
};
