import { Asff } from '../../shared/ingest/aws/asff.ts';
import { Ocsf } from '../../shared/ingest/aws/ocsf.ts';
import { guardDutyDetail } from '../../shared/ingest/aws/security-hub-guardduty.ts';
import { asffOf } from '../../shared/ingest/aws/security-hub-v2.ts';
import type { Finding } from '../../shared/model/finding.ts';
import { asJson, type Json, type JsonObject, own } from '../../shared/model/json.ts';
import { addFinding } from '../../shared/sandbox/aws/guardduty-rows.ts';
import { putHubFinding } from '../../shared/sandbox/aws/securityhub-rows.ts';
import type { Sandbox } from '../../shared/sandbox/sandbox.ts';

/** One finding of an event of Security Hub, in ASFF whichever form the event has. */
function asffIn(event: Json, { link }: Finding): JsonObject | undefined {
  const all = own(own(event, 'detail'), 'findings');
  const findings: readonly unknown[] = Array.isArray(all) ? all : [];
  const written = findings.map((one) => {
    const ocsf = Ocsf.safeParse(one);
    return asJson(ocsf.success ? asffOf(ocsf.data) : one);
  });
  const known = [link['findingArn'], link['findingId']];
  // found by a member of it, so it is an object
  return written.find((one) => known.some((id) => id !== undefined && own(one, 'Id') === id)) as JsonObject | undefined;
}

/** Makes a finding known to the simulated Security Hub, and to GuardDuty where it is a copy of GuardDuty's. */
export function knownToHub({ rows }: Sandbox, finding: Finding, event: Json): void {
  const asff = asffIn(event, finding);
  const parsed = Asff.safeParse(asff);
  if (asff === undefined || !parsed.success) return;
  const { account, region } = finding;
  const { Id, ProductArn } = parsed.data;
  putHubFinding(rows, { account, region }, { ...asff, Id, ProductArn: ProductArn.arn });
  if (finding.provider === 'guardduty') addFinding(rows, guardDutyDetail(parsed.data));
}
