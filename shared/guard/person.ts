import type { Settings } from '../config/settings.ts';
import type { JsonObject } from '../model/json.ts';

/** A person in Entra, proven by what a role trusts. */
export type Person = { readonly tenant: string; readonly userPrincipalName: string };

const userPrincipalName = /^[\w.+'-]{1,64}@[\w-]{1,63}(\.[\w-]{1,63})+$/;

/**
 * The person behind a federated role session. The session name is chosen by whoever assumes the role, so it proves
 * a person only where the role trusts nothing but one provider, and that provider is configured as one Entra tenant.
 * `trustedProviders` lists every principal the trust policy lets in, as the inspector read it.
 */
export function personBehind(
  { identityProviders }: Pick<Settings, 'identityProviders'>,
  target: JsonObject,
): Person | undefined {
  const trusted = target['trustedProviders'];
  const name = target['sessionName'];
  if (!Array.isArray(trusted) || trusted.length !== 1 || typeof name !== 'string') return undefined;
  const provider = identityProviders.find(({ arn }) => arn === trusted[0]);
  return provider && userPrincipalName.test(name) ? { tenant: provider.tenant, userPrincipalName: name } : undefined;
}
