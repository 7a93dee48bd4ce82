import { describe, expect, it } from 'vitest';
import { type AwsPlace, compileAws } from '../../shared/policy/compile-aws.ts';
import { compileAzure } from '../../shared/policy/compile-azure.ts';
import { acceptedPaths, escalationPaths } from '../../shared/policy/escalation.ts';
import type { Grant } from '../../shared/policy/grants.ts';
import { azurePaths, judgeAws, judgeAzure } from '../../shared/policy/judge-rights.ts';
import { assigning, noRoleThatGivesRoles } from '../../shared/policy/role-assigning.ts';

const place: AwsPlace = {
  ...{ partition: 'aws', account: '111122223333', regions: [], values: {}, homePrincipals: [] },
  ...{ readerRole: 'CordonReader', writerRole: 'CordonWriter' },
};
type Sides = { readonly reader?: readonly Grant[]; readonly writer?: readonly Grant[] };
const needs = ({ reader = [], writer = [] }: Sides) => {
  const all = (grants: readonly Grant[]) => grants.map((grant) => ({ purpose: 'a', grant }));
  return { reader: all(reader), writer: all(writer) };
};
const aws = (sides: Sides) => judgeAws(compileAws(needs(sides), place)).map(({ code, holder }) => `${holder} ${code}`);
const azure = (sides: Sides) => judgeAzure(compileAzure(needs(sides))).map(({ code, holder }) => `${holder} ${code}`);
const user = 'arn:{partition}:iam::{account}:user/{userName}';
const quarantine = 'arn:{partition}:iam::{account}:policy/CordonQuarantine';

describe('the judge of policies', () => {
  it.each<[what: string, sides: Sides, faults: string[]]>([
    ['what is read, as narrow as AWS lets it be', { reader: [{ allow: 'iam:GetUser', on: user }] }, []],
    ['a call that AWS bounds to nothing', { reader: [{ allow: 'ec2:DescribeInstances', on: '*' }] }, []],
    ['a wildcard among actions', { writer: [{ allow: 'iam:Get*', on: user }] }, ['writer wildcard-action']],
    [
      'everything, where AWS can bound it',
      { reader: [{ allow: 'iam:GetUser', on: '*' }] },
      ['reader wildcard-resource'],
    ],
    [
      'a resource, where AWS knows none',
      { reader: [{ allow: 'ec2:DescribeInstances', on: 'arn:{partition}:ec2:{region}:{account}:instance/*' }] },
      ['reader grants-nothing'],
    ],
    ['a right without published data', { writer: [{ allow: 'iam:Foo', on: user }] }, ['writer unknown-right']],
    ['a reader that writes', { reader: [{ allow: 'iam:UpdateAccessKey', on: user }] }, ['reader reader-writes']],
    [
      'a reader that manages permissions',
      { reader: [{ allow: 'iam:PutUserPolicy', on: user }] },
      ['reader reader-writes', 'reader escalation'],
    ],
    ['any policy for a user', { writer: [{ allow: 'iam:AttachUserPolicy', on: user }] }, ['writer escalation']],
    [
      'one policy for a user',
      { writer: [{ allow: 'iam:AttachUserPolicy', on: user, when: { ArnEquals: { 'iam:PolicyARN': [quarantine] } } }] },
      [],
    ],
    ['a policy in a role, which is accepted of the writer', { writer: [{ allow: 'iam:PutRolePolicy', on: user }] }, []],
  ])('%s', (_, sides, faults) => {
    expect(aws(sides)).toEqual(faults);
  });
});

describe('the judge of Azure roles', () => {
  const on = '/subscriptions/{subscription}';
  const grant = (allow: string): Grant => ({ allow, on });
  it.each<[what: string, sides: Sides, faults: string[]]>([
    ['what is read', { reader: [grant('Microsoft.Compute/virtualMachines/read'), grant('graph:User.Read.All')] }, []],
    ['a reader that writes', { reader: [grant('Microsoft.Compute/disks/write')] }, ['reader reader-writes']],
    ['a reader that reads by POST', { reader: [grant('Microsoft.SecurityInsights/incidents/entities/action')] }, []],
    ['a wildcard', { writer: [grant('Microsoft.Network/*/write')] }, ['writer wildcard-action']],
    [
      'a reader of Graph that writes',
      { reader: [grant('graph:Group.ReadWrite.All')] },
      ['reader reader-writes', 'reader escalation'],
    ],
    ['role assignments', { writer: [grant('Microsoft.Authorization/roleAssignments/write')] }, ['writer escalation']],
    [
      'role assignments under the condition that none gives roles',
      { writer: [{ ...grant(assigning), when: noRoleThatGivesRoles }] },
      [],
    ],
    [
      'role assignments under another condition',
      { writer: [{ ...grant(assigning), when: { StringEquals: { '@Request[x]': ['y'] } } }] },
      ['writer escalation'],
    ],
    [
      'role assignments under the condition, and once more without',
      { writer: [grant(assigning), { ...grant(assigning), when: noRoleThatGivesRoles }] },
      ['writer escalation'],
    ],
    [
      'a reader that disables applications',
      { reader: [grant('entra:microsoft.directory/servicePrincipals/disable')] },
      ['reader reader-writes'],
    ],
    [
      'a reader that gives applications secrets',
      { reader: [grant('entra:microsoft.directory/applications/credentials/update')] },
      ['reader reader-writes', 'reader escalation'],
    ],
    [
      'a writer that disables applications',
      { writer: [grant('entra:microsoft.directory/servicePrincipals/disable')] },
      [],
    ],
    ['roles of applications', { writer: [grant('graph:AppRoleAssignment.ReadWrite.All')] }, ['writer escalation']],
    [
      'role assignments within a wildcard',
      { writer: [grant('Microsoft.Authorization/*/write')] },
      ['writer wildcard-action', 'writer escalation', 'writer escalation', 'writer escalation', 'writer escalation'],
    ],
  ])('%s', (_, sides, faults) => {
    expect(azure(sides)).toEqual(faults);
  });

  it('accepts of the writer alone what is accepted', () => {
    const disks = grant('Microsoft.Compute/disks/beginGetAccess/action');
    const found = azurePaths(compileAzure(needs({ reader: [disks], writer: [disks] })));
    expect(found.map(({ holder, because }) => [holder, because !== undefined])).toEqual([
      ['reader', false],
      ['writer', true],
    ]);
  });
});

describe('the known paths to more rights', () => {
  const all = [...escalationPaths.aws, ...escalationPaths.azure];
  it('are named once each', () => {
    expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
  });

  it('hold every one that is accepted', () => {
    expect(Object.keys(acceptedPaths).filter((path) => !all.some(({ name }) => name === path))).toEqual([]);
  });
});
