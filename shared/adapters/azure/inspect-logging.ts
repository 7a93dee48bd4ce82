import type { AzureSession } from '../../actions/azure/azure-action.ts';
import { readPlan } from '../../actions/azure/defender-plan.ts';
import { listDiagnostics, named } from '../../actions/azure/diagnostic-settings.ts';
import type { JsonObject } from '../../model/json.ts';
import type { Target } from '../../model/target.ts';

const deadline = (): AbortSignal => AbortSignal.timeout(30_000);

/** Whether a plan of Defender for Cloud is on. */
export async function inspectPlan(session: AzureSession, { id }: Target): Promise<JsonObject | undefined> {
  const found = await readPlan(session, id, deadline());
  return found && { pricingTier: found.properties.pricingTier };
}

/** Whether a diagnostic setting is there; one that was deleted is no target that is gone, but its resource may be. */
export async function inspectDiagnosticSetting(session: AzureSession, target: Target): Promise<JsonObject | undefined> {
  if (target.type !== 'azure.monitor.diagnostic-setting') return {};
  const settings = await listDiagnostics(session, target.scope, deadline());
  return settings && { present: named(settings, target.name) !== undefined };
}
