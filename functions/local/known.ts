import type { Finding } from '../../shared/model/finding.ts';
import type { Json, JsonObject } from '../../shared/model/json.ts';
import { own } from '../../shared/model/json.ts';
import { addFinding } from '../../shared/sandbox/aws/guardduty-rows.ts';
import { addAlert } from '../../shared/sandbox/azure/defender-alerts.ts';
import { addAssessment } from '../../shared/sandbox/azure/defender-assessments.ts';
import type { Sandbox } from '../../shared/sandbox/sandbox.ts';
import { knownOnAzure } from './known-azure.ts';
import { knownToHub } from './known-security-hub.ts';

/** The alert as Defender's API would answer it, made from what its event said. */
function alertOf({ link, type, title, severityOriginal, resources }: Finding): JsonObject {
  const { alertId = '', alertName = '', systemAlertId = '' } = link;
  const affected = resources.find(({ role }) => role === 'affected')?.id ?? '';
  return {
    id: alertId,
    name: alertName,
    properties: {
      alertType: type,
      systemAlertId,
      alertDisplayName: title,
      severity: severityOriginal,
      status: 'Active',
      compromisedEntity: affected,
      resourceIdentifiers: [{ type: 'AzureResource', azureResourceId: affected }],
    },
  };
}

/** The assessment as Defender's API would answer it: still unhealthy. */
const assessmentOf = ({ link: { assessmentId = '' }, type, title }: Finding): JsonObject => ({
  id: assessmentId,
  name: type,
  properties: { displayName: title, status: { code: 'Unhealthy' } },
});

/** Makes a finding known to the simulated provider, as it is in life before its event is sent. */
export function makeKnown(sandbox: Sandbox, finding: Finding, event: Json): void {
  const { rows } = sandbox;
  if (own(event, 'source') === 'aws.securityhub') knownToHub(sandbox, finding, event);
  else if (finding.provider === 'guardduty') addFinding(rows, own(event, 'detail') as JsonObject); // a GuardDuty event has a detail
  if (finding.provider === 'defender' && finding.link['alertId'] !== undefined) addAlert(rows, alertOf(finding));
  if (finding.provider === 'defender-assessment') addAssessment(rows, assessmentOf(finding));
  knownOnAzure[finding.provider]?.(sandbox, finding, event);
}
