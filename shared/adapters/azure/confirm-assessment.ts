import { ResourceManagementClient } from '@azure/arm-resources';
import type { AzureSession } from '../../actions/azure/azure-action.ts';
import { unlessAbsent } from '../../actions/azure/fault.ts';
import { armTargets } from '../../ingest/azure/arm-target.ts';
import { Assessment, assessedIn, statusOf } from '../../ingest/azure/defender-assessment.ts';
import type { Finding } from '../../model/finding.ts';
import { comparable } from '../../model/identifiers.ts';
import { asJson } from '../../model/json.ts';
import type { Confirmation } from '../../ports/clouds.ts';

/** Of the assessments API (learn.microsoft.com/rest/api/defenderforcloud-composite/assessments/get). */
const apiVersion = '2021-06-01';

const deadline = (): AbortSignal => AbortSignal.timeout(30_000);

/** An assessment of one subscription or of a resource in it, and nothing else: the SDK sends the id as it is. */
const assessmentPath =
  /^\/subscriptions\/[\w-]+(\/resourceGroups\/(?!\.+\/)[\w.()-]+(\/providers\/[\w.]+(\/(?!\.+\/)[\w.()-]+)+)?)?\/providers\/Microsoft\.Security\/assessments\/[\w-]+$/i;

/** What a forged event would have to get right: id, key, resource, and that it is unhealthy now. */
function compare(finding: Finding, assessment: Assessment): Confirmation {
  const resources = armTargets(assessedIn(assessment) ?? '', 'affected', finding.account);
  const known = new Set(resources.map(({ id }) => comparable(id)));
  const affected = finding.resources.filter(({ role }) => role === 'affected');
  const same =
    assessment.id.toLowerCase() === finding.id &&
    assessment.name.toLowerCase() === finding.type &&
    affected.every(({ id }) => known.has(comparable(id))) &&
    statusOf(assessment) === 'new';
  return same ? 'same' : 'different';
}

/** Reads the assessment where Defender for Cloud keeps it. */
export async function confirmAssessment(session: AzureSession, finding: Finding): Promise<Confirmation> {
  const { assessmentId } = finding.link;
  if (assessmentId === undefined) return 'unknown';
  const home = `/subscriptions/${finding.account}/`.toLowerCase();
  if (!assessmentId.toLowerCase().startsWith(home) || !assessmentPath.test(assessmentId)) return 'different';
  const { resources } = session.client(ResourceManagementClient);
  const read = () => resources.getById(assessmentId.replace(/^\//, ''), apiVersion, { abortSignal: deadline() });
  const found = await unlessAbsent(read);
  if (!found) return 'unknown';
  const { id, name, properties } = found;
  const assessment = Assessment.safeParse(asJson({ id, name, properties }));
  return assessment.success ? compare(finding, assessment.data) : 'unknown';
}
