import type { World } from '../world.ts';
import { users } from './entra-users.ts';
import { AzureFault } from './fault.ts';
import { principals } from './rows.ts';

/**
 * Entra's answer to who signs in: refused where the account is disabled or the secret is none of the application's
 * (learn.microsoft.com/entra/identity-platform/reference-error-codes). Tokens that were given out before stay good.
 */
export function refuseSignIn({ rows }: Pick<World, 'rows'>, id: string, secret?: string): void {
  const refused = (error: string, why: string) => new AzureFault(401, error, why);
  if (rows.get(users, id)?.accountEnabled === false)
    throw refused('invalid_grant', 'AADSTS50057: The user account is disabled.');
  const principal = rows.get(principals, id);
  if (principal?.accountEnabled === false)
    throw refused('unauthorized_client', `AADSTS7000112: Application '${principal.appId ?? id}' is disabled.`);
  const known = (principal?.passwords ?? []).some((one) => one.secret === secret);
  if (secret !== undefined && !known) throw refused('invalid_client', 'AADSTS7000215: Invalid client secret provided.');
}
