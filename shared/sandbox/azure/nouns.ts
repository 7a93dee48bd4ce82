import { networkSecurityGroups } from './network-security-groups.ts';
import type { AzureNoun } from './noun.ts';
import { servicePrincipals } from './principals.ts';

/** Everything the simulated Azure is made of. */
export const azureNouns: readonly AzureNoun[] = [servicePrincipals, networkSecurityGroups];
