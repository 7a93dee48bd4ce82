import type { Catalogue } from '../../shared/action/catalogue.ts';
import type { Settings } from '../../shared/config/settings.ts';
import type { Playbook } from '../../shared/model/playbook.ts';
import { awsPlace, neededIn } from '../../shared/playbook/aws-place.ts';
import { allRights, type RightsNeeded, rightsNeeded } from '../../shared/playbook/rights-needed.ts';
import { checkRights } from '../../shared/policy/check-rights.ts';
import { reconcileRights } from '../../shared/policy/reconcile-rights.ts';
import { conditionOf } from '../../shared/policy/azure-condition.ts';
import { compileAws } from '../../shared/policy/compile-aws.ts';
import { type AzureRights, compileAzure, type Holder } from '../../shared/policy/compile-azure.ts';
import type { PolicyDocument } from '../../shared/policy/document.ts';
import { compileStatements, type Grant, type Reads, renderGrant } from '../../shared/policy/grants.ts';
import { ownFilledIn } from '../../shared/policy/role-assigning.ts';
import { writeBackGrants, writeBackRights } from '../../shared/report/write-back-rights.ts';
import { roles } from '../../shared/sandbox/aws/iam-rows.ts';
import { principals } from '../../shared/sandbox/azure/rows.ts';
import type { Sandbox } from '../../shared/sandbox/sandbox.ts';
import { allActions, allReads } from '../wire.ts';
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

/** Gives a principal of the simulated Azure these grants and no others; `data:`, `graph:` and `entra:` tell their kind. */
export function grantPrincipal(sandbox: Sandbox, id: string, grants: readonly Grant[], values: Values): void {
  const principal = sandbox.rows.get(principals, id);
  if (!principal) throw new Error(`the estate has no principal ${id}`);
  const of = (kind: string): readonly string[] =>
    grants.flatMap(({ allow }) => (allow.startsWith(kind) ? [allow.slice(kind.length)] : []));
  const assignments = grants
    .filter(({ allow }) => !/^(graph|entra):/.test(allow))
    .map((grant) => {
      const { action, resource, when } = renderGrant(grant, values);
      const named = [action.replace('data:', '')];
      const data = action.startsWith('data:');
      const role = { actions: data ? [] : named, notActions: [], dataActions: data ? named : [], notDataActions: [] };
      const condition = conditionOf([{ action: named.join(), when }]);
      return { scope: resource.includes('*') ? '/' : resource, role, condition };
    });
  sandbox.rows.put(principals, id, { ...principal, graph: of('graph:'), directory: of('entra:'), assignments });
}

/** Attaches policies to a role of the simulated AWS, and takes away what it had. */
export function putPolicies(
  sandbox: Sandbox,
  account: string,
  name: string,
  documents: readonly PolicyDocument[],
): void {
  const role = sandbox.rows.get(roles, `${account}/${name}`);
  if (!role) throw new Error(`the estate has no role ${name} in ${account}`);
  const inline = Object.fromEntries(documents.map((document, at) => [`cordon-${at + 1}`, JSON.stringify(document)]));
  sandbox.rows.put(roles, `${account}/${name}`, { ...role, inline, attached: [] });
}

/** Assigns roles to a principal of the simulated Azure in subscriptions, and takes away what it had. */
export function assignRoles(
  sandbox: Sandbox,
  id: string,
  holder: Holder,
  rights: AzureRights,
  { subscriptions, identities }: Settings['azure'],
): void {
  const principal = sandbox.rows.get(principals, id);
  if (!principal) throw new Error(`the estate has no principal ${id}`);
  const mine = <T extends { readonly holder: Holder }>(all: readonly T[]) => all.filter((one) => one.holder === holder);
  sandbox.rows.put(principals, id, {
    ...principal,
    graph: mine(rights.graph).map(({ permission }) => permission),
    directory: mine(rights.entra).map(({ permission }) => permission),
    assignments: mine(rights.roles).flatMap((role) =>
      subscriptions.map((subscription) => ({
        scope: `/subscriptions/${subscription}`,
        role,
        // the roles have no ids here
        condition: ownFilledIn(role.condition, { roles: [], identities }),
      })),
    ),
  });
}

/** Gives the simulated roles and identities the policies and roles that are compiled from what is needed: nothing else. */
export function grantCompiled(sandbox: Sandbox, needed: RightsNeeded, settings: Settings, { azure }: Identities): void {
  const { accounts, readerRole, writerRole } = settings.aws;
  for (const account of Object.keys(accounts)) {
    const { reader, writer } = compileAws(neededIn(needed.aws, settings, account), awsPlace(settings, { account }));
    putPolicies(sandbox, account, readerRole, reader.documents);
    putPolicies(sandbox, account, writerRole, writer.documents);
  }
  const rights = compileAzure(needed.azure);
  assignRoles(sandbox, azure.reader, 'reader', rights, settings.azure);
  if (azure.writer !== undefined) assignRoles(sandbox, azure.writer, 'writer', rights, settings.azure);
}

const names = ({ inspect, confirm }: Reads): readonly string[] => [
  ...new Set([...Object.values(inspect), ...Object.values(confirm)].flat().map(({ allow }) => allow)),
];

/** What the reader needs beside the actions, by name alone: facts of targets, and findings read again. */
export const inspection = { aws: names(allReads.aws), azure: names(allReads.azure) } as const;

/** Gives them what these playbooks need, and what the settings have written back; nothing of other playbooks. */
export async function grantPlaybooks(
  sandbox: Sandbox,
  playbooks: readonly Playbook[],
  settings: Settings,
  identities: Identities,
): Promise<void> {
  const declared = { catalogue: allActions, reads: allReads, writeBack: writeBackRights(settings.writeBack) };
  grantCompiled(sandbox, await rightsNeeded(declared, { playbooks }), settings, identities);
}

/** Gives the simulated roles and identities just what all actions and adapters declare: reader and writer apart. */
export async function grantDeclared(
  sandbox: Sandbox,
  catalogue: Catalogue,
  settings: Settings,
  identities: Identities,
): Promise<void> {
  const declared = {
    catalogue,
    reads: allReads,
    writeBack: writeBackGrants,
    checks: checkRights,
    reconcile: reconcileRights,
  };
  grantCompiled(sandbox, await allRights(declared), settings, identities);
}
