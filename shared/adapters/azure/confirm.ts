import type { AzureSession } from '../../actions/azure/azure-action.ts';
import { confirmRules, type Finding, type Provider } from '../../model/finding.ts';
import type { Target } from '../../model/target.ts';
import type { Confirmation } from '../../ports/clouds.ts';
import { inspectAzure } from './inspect.ts';

/** Reads again what a provider of this cloud says. Throws what the provider throws. */
type Confirm = (session: AzureSession, finding: Finding, target: Target) => Promise<Confirmation>;

/** Loaded only when such a finding comes up. */
const readers: { readonly [P in Provider]?: () => Promise<Confirm> } = {
  defender: () => import('./confirm-defender.ts').then(({ confirmAlert }) => confirmAlert),
  'defender-assessment': () => import('./confirm-assessment.ts').then(({ confirmAssessment }) => confirmAssessment),
  'defender-storage': () => import('./confirm-defender.ts').then(({ confirmScan }) => confirmScan),
  'defender-xdr': () => import('./confirm-xdr.ts').then(({ confirmXdrAlert }) => confirmXdrAlert),
  entra: () => import('./confirm-entra.ts').then(({ confirmEntra }) => confirmEntra),
  sentinel: () => import('./confirm-sentinel.ts').then(({ confirmIncident }) => confirmIncident),
};

/** The state itself: a resource that is not there is not what the finding speaks of. */
const confirmState: Confirm = async (session, _, target) =>
  (await inspectAzure(session, target)) ? 'same' : 'unknown';

/** Reads again what a finding says of a target, as the rule of its provider asks for. */
export async function confirmAzure(session: AzureSession, finding: Finding, target: Target): Promise<Confirmation> {
  const rule = confirmRules[finding.provider];
  if (rule === 'channel') return 'same';
  const confirm = (await readers[finding.provider]?.()) ?? (rule === 'state' ? confirmState : undefined);
  return confirm ? confirm(session, finding, target) : 'unknown';
}
