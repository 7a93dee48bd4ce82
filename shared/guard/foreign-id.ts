import { parseArmId } from '../model/identifiers.ts';
import type { Json } from '../model/json.ts';

/**
 * An ARM id in a value that names another subscription than the one acted in. Clients act in the subscription of their session,
 * so such an id would reach a resource of the same name there.
 */
export function foreignId(value: Json, account: string): string | undefined {
  if (typeof value === 'object' && value !== null) {
    for (const member of Object.values(value)) {
      const found = foreignId(member, account);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  const subscription = typeof value === 'string' ? parseArmId(value)?.subscription : undefined;
  const foreign = subscription !== undefined && subscription.toLowerCase() !== account.toLowerCase();
  return foreign ? String(value) : undefined;
}
