import { describe, expect, it } from 'vitest';
import { conditionHolds, conditionOf } from '../../shared/policy/azure-condition.ts';
import {
  assigning,
  boundsAssigning,
  noRoleThatGivesRoles,
  ownFilledIn,
  roleGiven,
  rolesThatGiveRoles,
} from '../../shared/policy/role-assigning.ts';

const [reader, mine, ours] = ['acdd72a7-3385-48ef-bd42-f606fba81ae7', '0a1b', '0c1d'];
const bounded = conditionOf([{ action: assigning, when: noRoleThatGivesRoles }]);
const filled = ownFilledIn(bounded, { roles: ['0e1f'], identities: [mine, ours] });

describe('a condition of a role assignment', () => {
  const asks = (operation: string, role: string, to: string) => ({ operation, attributes: roleGiven(role, to) });

  it.each<[role: string, to: string, may: boolean]>([
    [reader, 'somebody', true],
    ...rolesThatGiveRoles.map((role): [string, string, boolean] => [role.toUpperCase(), 'somebody', false]),
    ['0e1f', 'somebody', false],
    [reader, mine, false],
    [reader, ours, false],
  ])('lets %s be given to %s: %s', (role, to, may) => {
    expect(conditionHolds(filled, asks(assigning, role, to))).toBe(may);
  });

  it('bounds no other operation', () => {
    expect(conditionHolds(filled, asks('Microsoft.Network/networkSecurityGroups/write', reader, mine))).toBe(true);
  });

  it('lets nothing through that it can ask nothing about', () => {
    expect(conditionHolds(filled, { operation: assigning, attributes: {} })).toBe(false);
  });

  it.each<[condition: string, holds: boolean]>([
    ["@Request[a] StringEquals 'x'", true],
    ["@Request[a] StringEqualsIgnoreCase 'X' AND @Request[b] StringEquals 'z'", true],
    ["@Request[a] StringEquals 'y' OR NOT (@Request[b] StringEquals 'w')", true],
    ["@Request[b] ForAllOfAnyValues:StringEquals {'y'}", false],
    ["@Request[b] ForAllOfAnyValues:StringEquals {'y', 'z'}", true],
    ["@Request[b] ForAnyOfAnyValues:StringEquals {'y'}", true],
    ["@Request[b] ForAnyOfAllValues:StringNotEquals {'y', 'z'}", false],
    ["@Resource[a] StringEquals 'x'", false],
    ["ActionMatches{'Microsoft.X/*'}", true],
    ["ActionMatches{'Microsoft.Y/*'}", false],
    ["@Request[a] StringFoo 'x'", false],
    ["(@Request[a] StringEquals 'x'", false],
    ["@Request[a] StringEquals 'x' ]", false],
    ['only this', false],
    ['', false],
  ])('is understood, or lets nothing through: %s', (condition, holds) => {
    const attributes = { '@Request[a]': ['x'], '@Request[b]': ['y', 'z'] };
    expect(conditionHolds(condition, { operation: 'Microsoft.X/y/write', attributes })).toBe(holds);
  });

  it('is none where a grant of the same right has none', () => {
    expect(
      conditionOf([
        { action: assigning, when: noRoleThatGivesRoles },
        { action: assigning, when: undefined },
      ]),
    ).toBe('');
  });
});

describe('a condition on giving roles', () => {
  it('bounds it whatever the own roles and identities are', () => {
    expect(boundsAssigning(bounded)).toBe(true);
  });

  it.each([
    '',
    bounded.replace(/GuidNotEquals \{[^,]+, /, 'GuidNotEquals {'),
    bounded.replace(', {ownRoles}', ''),
    bounded.replace('{ownIdentities}', "'nobody'"),
    bounded.replace('roleAssignments/write', 'roleAssignments/delete'),
    'not to be understood',
  ])('does not with a part less: %s', (condition) => {
    expect(boundsAssigning(condition)).toBe(false);
  });
});
