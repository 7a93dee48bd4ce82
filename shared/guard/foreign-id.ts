import type { Json } from '../model/json.ts';

const subscriptionIn = (text: string): string | undefined => /^\/subscriptions\/([^/]+)/i.exec(text)?.[1];

/**
 * An ARM id in a value that names another subscription than the one acted in. Clients act in the subscription of their session,
 * so such an id would reach a resource of the same name there, or one that nobody has put under Cordon. Members of the value
 * that are only referred to may name any.
 */
export function foreignId(value: Json, account: string, referred: readonly string[] = []): string | undefined {
  if (typeof value === 'object' && value !== null) {
    for (const [name, member] of Object.entries(value)) {
      const found = referred.includes(name) ? undefined : foreignId(member, account);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  const subscription = typeof value === 'string' ? subscriptionIn(value) : undefined;
  const foreign = subscription !== undefined && subscription.toLowerCase() !== account.toLowerCase();
  return foreign ? String(value) : undefined;
}
