import type { AwsSession } from '../../actions/aws/aws-action.ts';
import { confirmRules, type Finding, type Provider } from '../../model/finding.ts';
import type { Target } from '../../model/target.ts';
import type { Confirmation } from '../../ports/clouds.ts';
import { inspectAws } from './inspect.ts';

/** Reads again what a provider of this cloud says. Throws what the provider throws. */
type Confirm = (session: AwsSession, finding: Finding, target: Target) => Promise<Confirmation>;

/** Loaded only when such a finding comes up. */
const readers: { readonly [P in Provider]?: () => Promise<Confirm> } = {
  guardduty: () => import('./confirm-guardduty.ts').then(({ confirmGuardDuty }) => confirmGuardDuty),
  'guardduty-s3': () => import('./confirm-object.ts').then(({ confirmObject }) => confirmObject),
  'security-hub': () => import('./confirm-security-hub.ts').then(({ confirmSecurityHub }) => confirmSecurityHub),
};

/** The state itself: a resource that is not there is not what the finding speaks of. */
const confirmState: Confirm = async (session, _, target) => ((await inspectAws(session, target)) ? 'same' : 'unknown');

/** Reads again what a finding says of a target, as the rule of its provider asks for. */
export async function confirmAws(session: AwsSession, finding: Finding, target: Target): Promise<Confirmation> {
  const rule = confirmRules[finding.provider];
  if (rule === 'channel') return 'same';
  const confirm = (await readers[finding.provider]?.()) ?? (rule === 'state' ? confirmState : undefined);
  return confirm ? confirm(session, finding, target) : 'unknown';
}
