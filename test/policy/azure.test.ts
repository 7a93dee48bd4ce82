import { describe, expect, test } from 'vitest';
import { type AzureRole, allows, evaluateAzure } from '../../shared/policy/azure.ts';

const role = (more: Partial<AzureRole>): AzureRole => ({
  actions: [],
  notActions: [],
  dataActions: [],
  notDataActions: [],
  ...more,
});

const contributor = role({
  actions: ['*'],
  notActions: ['Microsoft.Authorization/*/Write', 'Microsoft.Authorization/*/Delete'],
});
const responder = role({ actions: ['Microsoft.Network/networkSecurityGroups/*', 'Microsoft.Compute/*/read'] });
const reader = role({ actions: ['*/read'] });
const blobs = role({
  dataActions: ['Microsoft.Storage/storageAccounts/blobServices/containers/blobs/*'],
  notDataActions: ['Microsoft.Storage/storageAccounts/blobServices/containers/blobs/delete'],
});

const blobRead = 'Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read';
const assign = 'Microsoft.Authorization/roleAssignments/write';

describe('a role', () => {
  const rows: readonly [what: string, role: AzureRole, operation: string, isData: boolean, allowed: boolean][] = [
    ['* is everything', contributor, 'Microsoft.Compute/virtualMachines/write', false, true],
    ['notActions subtract', contributor, assign, false, false],
    ['case does not matter', contributor, assign.toUpperCase(), false, false],
    ['* goes over segments', responder, 'Microsoft.Network/networkSecurityGroups/securityRules/write', false, true],
    ['* in the middle', responder, 'microsoft.compute/virtualMachines/instanceView/READ', false, true],
    ['another operation', responder, 'Microsoft.Compute/virtualMachines/delete', false, false],
    ['a prefix is no match', responder, 'Microsoft.Network/networkSecurityGroups', false, false],
    ['*/read is every read', reader, 'Microsoft.KeyVault/vaults/read', false, true],
    ['*/read is no write', reader, 'Microsoft.KeyVault/vaults/write', false, false],
    [
      '? is no wildcard',
      role({ actions: ['Microsoft.Compute/disks/rea?'] }),
      'Microsoft.Compute/disks/read',
      false,
      false,
    ],
    ['* does not cover data', contributor, blobRead, true, false],
    ['dataActions cover data', blobs, blobRead, true, true],
    ['dataActions cover nothing else', blobs, blobRead, false, false],
    ['notDataActions subtract', blobs, blobRead.replace('read', 'delete'), true, false],
  ];
  test.each(rows)('%s', (_, given, operation, isData, allowed) => {
    expect(allows(given, operation, isData)).toBe(allowed);
  });
});

describe('an assignment', () => {
  const group = '/subscriptions/s1/resourceGroups/rg1';
  const machine = `${group}/providers/Microsoft.Compute/virtualMachines/vm1`;
  const tenant = '/providers/Microsoft.Management/managementGroups/tenant';
  const read = 'Microsoft.Compute/virtualMachines/read';
  const rows: readonly [what: string, scopes: readonly string[], resource: string, allowed: boolean][] = [
    ['at the root', ['/'], machine, true],
    ['at the subscription', ['/subscriptions/s1'], machine, true],
    ['at the group', [group], machine, true],
    ['at the resource', [machine], machine, true],
    ['in another case', [group.toUpperCase()], machine, true],
    ['with a slash at the end', [`${group}/`], machine, true],
    ['at a group whose name begins alike', [group], machine.replace('rg1', 'rg10'), false],
    ['below the resource', [machine], group, false],
    ['at another subscription', ['/subscriptions/s2'], machine, false],
    ['at a management group above', [tenant], machine, true],
    ['at another management group', [`${tenant}2`], machine, false],
    ['at none', [], machine, false],
  ];
  test.each(rows)('%s', (_, scopes, resource, allowed) => {
    const assignments = scopes.map((scope) => ({ scope, role: reader }));
    expect(evaluateAzure(assignments, read, resource, false, [tenant])).toBe(allowed);
  });

  test('notActions of one role take nothing from another', () => {
    const assignments = [
      { scope: group, role: contributor },
      { scope: '/', role: role({ actions: ['Microsoft.Authorization/roleAssignments/*'] }) },
    ];
    expect(evaluateAzure(assignments.slice(0, 1), assign, machine, false)).toBe(false);
    expect(evaluateAzure(assignments, assign, machine, false)).toBe(true);
  });
});
