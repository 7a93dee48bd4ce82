import { conditionOf } from './azure-condition.ts';
import type { Need } from './grants.ts';

/** Who holds a role: the identity that reads, or the one that changes things. */
export type Holder = 'reader' | 'writer';

/**
 * A custom role. Those with data actions can be assigned to no management group, so that they go to each subscription
 * (learn.microsoft.com/azure/role-based-access-control/custom-roles, "Custom role limits").
 */
export type AzureRoleWanted = {
  readonly name: string;
  readonly description: string;
  readonly actions: readonly string[];
  /** Of a wildcard in `actions`: see `nameable`. */
  readonly notActions: readonly string[];
  readonly dataActions: readonly string[];
  readonly notDataActions: readonly [];
  /** Of the assignment of the role, version 2.0, with `{ownRoles}` and `{ownIdentities}` left open; empty where there is none. */
  readonly condition: string;
  readonly scope: 'management-group' | 'subscription';
  readonly holder: Holder;
};

/** An application permission of Microsoft Graph for one of the identities. */
export type GraphPermission = { readonly holder: Holder; readonly permission: string };

/** A permission of a custom role of Entra's own, `microsoft.directory/…`, for one of the identities. */
export type DirectoryPermission = { readonly holder: Holder; readonly permission: string };

/** The roles and Graph permissions of both identities, with what each right is for. */
export type AzureRights = {
  readonly roles: readonly AzureRoleWanted[];
  readonly graph: readonly GraphPermission[];
  readonly entra: readonly DirectoryPermission[];
  readonly purposes: Readonly<Record<Holder, Readonly<Record<string, readonly string[]>>>>;
};

/** The one wildcard of a compiled role. */
export const unpublished = 'Microsoft.Security/locations/alerts/*/action';

type Kind = 'actions' | 'dataActions' | 'graph' | 'entra';
const prefixes: Readonly<Record<string, Kind>> = { data: 'dataActions', graph: 'graph', entra: 'entra' };

const kindOf = (allow: string): Kind => prefixes[allow.split(':')[0] ?? ''] ?? 'actions';
const bare = (allow: string): string => allow.replace(/^(data|graph|entra):/, '');

const listed = (needs: readonly Need[], kind: Kind): readonly string[] =>
  [...new Set(needs.flatMap(({ grant: { allow } }) => (kindOf(allow) === kind ? [bare(allow)] : [])))].sort();

const words: Readonly<Record<Holder, { readonly title: string; readonly does: string }>> = {
  reader: { title: 'Reader', does: 'Reads what Cordon plans and proves with; changes nothing' },
  writer: { title: 'Writer', does: 'Makes and takes back the changes of Cordon’s playbooks, and nothing else' },
};

const alerts = 'Microsoft.Security/locations/alerts';
/**
 * Actions on alerts that a custom role can name. It is refused with `inProgress/action`, which Azure checks and does not
 * publish: so the role has all actions on alerts less those that it can name and Cordon does not need.
 */
const nameable = ['activate', 'dismiss', 'resolve', 'simulate'].map((verb) => `${alerts}/${verb}/action`);

/** The actions of a role as Azure takes them. */
function acceptable(actions: readonly string[]): Pick<AzureRoleWanted, 'actions' | 'notActions'> {
  if (!actions.includes(`${alerts}/inProgress/action`)) return { actions, notActions: [] };
  const others = actions.filter((action) => !action.startsWith(`${alerts}/`) || !action.endsWith('/action'));
  return {
    actions: [...others, unpublished].sort(),
    notActions: nameable.filter((action) => !actions.includes(action)),
  };
}

function rolesOf(holder: Holder, needs: readonly Need[]): readonly AzureRoleWanted[] {
  const { title, does } = words[holder];
  const common = { notDataActions: [], holder } as const;
  const conditionFor = (kind: Kind): string =>
    conditionOf(
      needs.flatMap(({ grant: { allow, when } }) => (kindOf(allow) === kind ? [{ action: bare(allow), when }] : [])),
    );
  const [actions, dataActions] = [listed(needs, 'actions'), listed(needs, 'dataActions')];
  const roles: AzureRoleWanted[] = [];
  if (actions.length > 0)
    roles.push({
      ...{ name: `Cordon ${title}`, description: `${does}.`, ...acceptable(actions), dataActions: [] },
      ...{ condition: conditionFor('actions'), scope: 'management-group', ...common },
    });
  if (dataActions.length > 0)
    roles.push({
      ...{
        name: `Cordon Data ${title}`,
        description: `${does}: of stored data.`,
        actions: [],
        notActions: [],
        dataActions,
      },
      ...{ condition: conditionFor('dataActions'), scope: 'subscription', ...common },
    });
  return roles;
}

/** What each right is for, under the name that the role has for it. */
function purposesOf(needs: readonly Need[]): Readonly<Record<string, readonly string[]>> {
  const purposes: Record<string, readonly string[]> = {};
  for (const { purpose, grant } of needs) {
    const right = bare(grant.allow);
    const name = right.startsWith(`${alerts}/`) && right.endsWith('/action') ? unpublished : right;
    purposes[name] = [...new Set([...(purposes[name] ?? []), purpose])].sort();
  }
  return purposes;
}

/** The custom roles and Graph permissions of both identities: what is needed and nothing else. */
export function compileAzure({
  reader,
  writer,
}: {
  readonly reader: readonly Need[];
  readonly writer: readonly Need[];
}): AzureRights {
  const permissions = (kind: 'graph' | 'entra') => [
    ...listed(reader, kind).map((permission) => ({ holder: 'reader', permission }) as const),
    ...listed(writer, kind).map((permission) => ({ holder: 'writer', permission }) as const),
  ];
  return {
    roles: [...rolesOf('reader', reader), ...rolesOf('writer', writer)],
    graph: permissions('graph'),
    entra: permissions('entra'),
    purposes: { reader: purposesOf(reader), writer: purposesOf(writer) },
  };
}

/** A role as `az role definition create` takes it (learn.microsoft.com/azure/role-based-access-control/role-definitions). */
export const roleDefinition = (role: AzureRoleWanted, assignableScopes: readonly string[]) => ({
  Name: role.name,
  IsCustom: true,
  Description: role.description,
  Actions: role.actions,
  NotActions: role.notActions,
  DataActions: role.dataActions,
  NotDataActions: role.notDataActions,
  AssignableScopes: assignableScopes,
});
