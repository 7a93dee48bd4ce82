import type { Action } from '../../shared/action/action.ts';
import type { Json } from '../../shared/model/json.ts';
import { compileStatements, type Grant, renderGrant } from '../../shared/policy/grants.ts';
import { roles } from '../../shared/sandbox/aws/iam-rows.ts';
import { principals } from '../../shared/sandbox/azure/rows.ts';
import type { Sandbox } from '../../shared/sandbox/sandbox.ts';
import { readerPrincipal, tenant, writerPrincipal } from './company.ts';

export type Where = { readonly account: string; readonly region: string };

const valuesOf = (input: Json, { account, region }: Where): Record<string, string> => {
  const entries = typeof input === 'object' && input !== null ? Object.entries(input) : [];
  const strings = entries.flatMap(([key, value]) => (typeof value === 'string' ? [[key, value] as const] : []));
  return { ...Object.fromEntries(strings), partition: 'aws', account, region, subscription: account, tenant };
};

function grantRole(
  sandbox: Sandbox,
  account: string,
  name: string,
  grants: readonly Grant[],
  values: Record<string, string>,
): void {
  const role = sandbox.rows.get(roles, `${account}/${name}`);
  if (!role) throw new Error(`the estate has no role ${name} in ${account}`);
  const inline = grants.length === 0 ? {} : { exact: JSON.stringify(compileStatements(grants, values)) };
  sandbox.rows.put(roles, `${account}/${name}`, { ...role, inline, attached: [] });
}

function grantPrincipal(sandbox: Sandbox, id: string, grants: readonly Grant[], values: Record<string, string>): void {
  const principal = sandbox.rows.get(principals, id);
  if (!principal) throw new Error(`the estate has no principal ${id}`);
  const graph = grants.flatMap(({ allow }) => (allow.startsWith('graph:') ? [allow.slice('graph:'.length)] : []));
  const assignments = grants
    .filter(({ allow }) => !allow.startsWith('graph:'))
    .map((grant) => {
      const { action, resource } = renderGrant(grant, values);
      const data = action.startsWith('data:');
      const named = [action.replace('data:', '')];
      const role = { actions: data ? [] : named, notActions: [], dataActions: data ? named : [], notDataActions: [] };
      return { scope: resource === '*' ? '/' : resource, role };
    });
  sandbox.rows.put(principals, id, { ...principal, graph, assignments });
}

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
    grantRole(sandbox, account, 'CordonReader', permissions.read, values);
    grantRole(sandbox, account, 'CordonWriter', permissions.write, values);
  }
}
