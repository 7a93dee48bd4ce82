import { grantPrincipal, grantRole } from '../../functions/local/rights.ts';
import type { Action } from '../../shared/action/action.ts';
import type { Json } from '../../shared/model/json.ts';
import type { Sandbox } from '../../shared/sandbox/sandbox.ts';
import { readerPrincipal, tenant, writerPrincipal } from './company.ts';

export type Where = { readonly account: string; readonly region: string };

const valuesOf = (input: Json, { account, region }: Where): Record<string, string> => {
  const entries = typeof input === 'object' && input !== null ? Object.entries(input) : [];
  const strings = entries.flatMap(([key, value]) => (typeof value === 'string' ? [[key, value] as const] : []));
  return { ...Object.fromEntries(strings), partition: 'aws', account, region, subscription: account, tenant };
};

/** Gives Cordon exactly the rights that an action declares for one input: reader and writer apart. */
export function grantExactly(
  sandbox: Sandbox,
  { cloud }: Pick<Action, 'cloud'>,
  permissions: Action['permissions'],
  input: Json,
  where: Where & { readonly also?: readonly string[] },
): void {
  const values = valuesOf(input, where);
  if (cloud === 'azure') {
    grantPrincipal(sandbox, readerPrincipal, permissions.read, values);
    grantPrincipal(sandbox, writerPrincipal, permissions.write, values);
    return;
  }
  for (const account of [where.account, ...(where.also ?? [])]) {
    grantRole(sandbox, account, 'CordonReader', permissions.read, { ...values, account });
    grantRole(sandbox, account, 'CordonWriter', permissions.write, { ...values, account });
  }
}
