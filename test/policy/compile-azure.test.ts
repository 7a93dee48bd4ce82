import { describe, expect, it } from 'vitest';
import { allows } from '../../shared/policy/azure.ts';
import { compileAzure, roleDefinition } from '../../shared/policy/compile-azure.ts';
import type { Need } from '../../shared/policy/grants.ts';

const on = '/subscriptions/{subscription}';
const need = (allow: string, purpose = 'a'): Need => ({ purpose, grant: { allow, on } });

describe('the roles of the identities', () => {
  const blobs = 'Microsoft.Storage/storageAccounts/blobServices/containers/blobs';
  const rights = compileAzure({
    reader: [need('Microsoft.Compute/virtualMachines/read'), need(`data:${blobs}/read`), need('graph:User.Read.All')],
    writer: [need('Microsoft.Network/networkSecurityGroups/write'), need('graph:User.RevokeSessions.All')],
  });

  it('keep reader and writer, control plane and stored data apart, with data roles for each subscription', () => {
    expect(rights.roles.map(({ name, holder, scope }) => [name, holder, scope])).toEqual([
      ['Cordon Reader', 'reader', 'management-group'],
      ['Cordon Data Reader', 'reader', 'subscription'],
      ['Cordon Writer', 'writer', 'management-group'],
    ]);
    expect(rights.roles[1]).toMatchObject({ actions: [], dataActions: [`${blobs}/read`], notDataActions: [] });
    expect(rights.graph).toEqual([
      { holder: 'reader', permission: 'User.Read.All' },
      { holder: 'writer', permission: 'User.RevokeSessions.All' },
    ]);
  });

  it('are as `az role definition create` takes them', () => {
    const [role] = rights.roles;
    expect(role && roleDefinition(role, ['/subscriptions/1'])).toEqual({
      Name: 'Cordon Reader',
      IsCustom: true,
      Description: 'Reads what Cordon plans and proves with; changes nothing.',
      Actions: ['Microsoft.Compute/virtualMachines/read'],
      NotActions: [],
      DataActions: [],
      NotDataActions: [],
      AssignableScopes: ['/subscriptions/1'],
    });
  });

  it('allow the one action on alerts that no role can name, and none of the others that it can', () => {
    const alerts = 'Microsoft.Security/locations/alerts';
    const [role] = compileAzure({ reader: [], writer: [need(`${alerts}/inProgress/action`)] }).roles;
    if (!role) throw new Error('there is no role');
    const may = (verb: string) => allows(role, `${alerts}/${verb}/action`, false);
    expect(['inProgress', 'resolve', 'dismiss', 'activate', 'simulate'].filter(may)).toEqual(['inProgress']);
  });

  it('are none where nothing is needed', () => {
    expect(compileAzure({ reader: [], writer: [] })).toMatchObject({ roles: [], graph: [] });
  });
});
