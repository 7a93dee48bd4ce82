import type { Action } from '../../shared/action/action.ts';
import type { Catalogue } from '../../shared/action/catalogue.ts';
import type { Settings } from '../../shared/config/settings.ts';
import { writeBackGrants } from '../../shared/report/write-back-rights.ts';
import { compileStatements, type Grant, renderGrant } from '../../shared/policy/grants.ts';
import { roles } from '../../shared/sandbox/aws/iam-rows.ts';
import { principals } from '../../shared/sandbox/azure/rows.ts';
import type { Sandbox } from '../../shared/sandbox/sandbox.ts';
import type { Identities } from './wire.ts';

type Values = Readonly<Record<string, string>>;

/** Gives a role of the simulated AWS these grants and no others. */
export function grantRole(
  sandbox: Sandbox,
  account: string,
  name: string,
  grants: readonly Grant[],
  values: Values,
): void {
  const role = sandbox.rows.get(roles, `${account}/${name}`);
  if (!role) throw new Error(`the estate has no role ${name} in ${account}`);
  const inline = grants.length === 0 ? {} : { declared: JSON.stringify(compileStatements(grants, values)) };
  sandbox.rows.put(roles, `${account}/${name}`, { ...role, inline, attached: [] });
}

/** Gives a principal of the simulated Azure these grants and no others; `data:` and `graph:` tell their kind. */
export function grantPrincipal(sandbox: Sandbox, id: string, grants: readonly Grant[], values: Values): void {
  const principal = sandbox.rows.get(principals, id);
  if (!principal) throw new Error(`the estate has no principal ${id}`);
  const graph = grants.flatMap(({ allow }) => (allow.startsWith('graph:') ? [allow.slice('graph:'.length)] : []));
  const assignments = grants
    .filter(({ allow }) => !allow.startsWith('graph:'))
    .map((grant) => {
      const { action, resource } = renderGrant(grant, values);
      const named = [action.replace('data:', '')];
      const data = action.startsWith('data:');
      const role = { actions: data ? [] : named, notActions: [], dataActions: data ? named : [], notDataActions: [] };
      return { scope: resource.includes('*') ? '/' : resource, role };
    });
  sandbox.rows.put(principals, id, { ...principal, graph, assignments });
}

/** What the reader needs beside the actions: facts of targets, and findings read again. */
const inspection = {
  aws: [
    'iam:GetUser',
    'iam:GetRole',
    'iam:ListEntitiesForPolicy',
    'ec2:DescribeInstances',
    'ec2:DescribeNetworkInterfaces',
    'autoscaling:DescribeAutoScalingGroups',
    's3:ListBucket',
    's3:GetBucketTagging',
    's3:GetBucketLocation',
    's3:GetBucketPolicyStatus',
    'guardduty:GetFindings',
  ],
  azure: [
    'Microsoft.Network/networkSecurityGroups/read',
    'Microsoft.Network/networkInterfaces/read',
    'Microsoft.Network/virtualNetworks/subnets/read',
    'Microsoft.Network/virtualNetworks/read',
    'Microsoft.Compute/virtualMachines/read',
    'Microsoft.Compute/virtualMachines/instanceView/read',
    'Microsoft.Storage/storageAccounts/read',
    'Microsoft.Security/locations/alerts/read',
    'data:Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read',
    'data:Microsoft.Storage/storageAccounts/blobServices/containers/blobs/tags/read',
    'graph:User.Read.All',
    'graph:RoleManagement.Read.Directory',
  ],
} as const;

const everywhere = (names: readonly string[]): Grant[] => names.map((allow) => ({ allow, on: '*' }));

/** Gives the simulated roles and identities just what the actions declare: reader and writer apart. */
export async function grantDeclared(
  sandbox: Sandbox,
  catalogue: Catalogue,
  settings: Settings,
  { azure }: Identities,
): Promise<void> {
  const actions: Action[] = await Promise.all(Object.values(catalogue).map(({ load }) => load()));
  const of = (cloud: 'aws' | 'azure', side: 'read' | 'write') =>
    actions.filter((action) => action.cloud === cloud).flatMap(({ permissions }) => permissions[side]);
  const { partition, accounts, readerRole, writerRole } = settings.aws;
  for (const account of Object.keys(accounts)) {
    grantRole(sandbox, account, readerRole, [...everywhere(inspection.aws), ...of('aws', 'read')], {
      partition,
      account,
    });
    grantRole(sandbox, account, writerRole, [...of('aws', 'write'), ...writeBackGrants.aws], { partition, account });
  }
  grantPrincipal(sandbox, azure.reader, [...everywhere(inspection.azure), ...of('azure', 'read')], {});
  if (azure.writer !== undefined)
    grantPrincipal(sandbox, azure.writer, [...of('azure', 'write'), ...writeBackGrants.azure], {});
}
