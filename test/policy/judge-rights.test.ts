import { describe, expect, it } from 'vitest';
import { awsActions } from '../../shared/actions/aws/catalogue.ts';
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

describe('the roles that Cordon stands on', () => {
  const any = 'arn:{partition}:iam::{account}:role/*';
  const compiled = compileAws(needs({ writer: [{ allow: 'iam:UpdateAssumeRolePolicy', on: any }] }), place);
  const without = (denied: string) => {
    const documents = compiled.writer.documents.map((document) => ({
      ...document,
      Statement: document.Statement.map((one) =>
        one.Effect === 'Allow' ? one : { ...one, Resource: (one.Resource ?? []).filter((on) => !on.endsWith(denied)) },
      ),
    }));
    return judgeAws({ ...compiled, writer: { ...compiled.writer, documents } }).map(({ detail }) => detail);
  };

  it('are out of the reach of what is compiled', () => {
    expect(judgeAws(compiled)).toEqual([]);
  });

  it.each([
    ['role/cordon-*', 'iam:UpdateAssumeRolePolicy on cordon-production-run'],
    ['role/cordon-*', 'iam:UpdateAssumeRolePolicy on cordon-production-from-azure'],
    ['role/Cordon*', 'iam:UpdateAssumeRolePolicy on CordonWriter'],
    ['role/stacksets-exec-*', 'iam:UpdateAssumeRolePolicy on stacksets-exec-1a2b'],
  ])('are judged to be reached where %s is not denied: %s', (denied, reached) => {
    expect(without(denied)).toContain(reached);
  });

  it('are not protected by a denial that holds under a condition alone', () => {
    const documents = compiled.writer.documents.map((document) => ({
      ...document,
      Statement: document.Statement.map((one) =>
        one.Effect === 'Allow' ? one : { ...one, Condition: { StringLike: { 'aws:userid': ['*:maria'] } } },
      ),
    }));
    const faults = judgeAws({ ...compiled, writer: { ...compiled.writer, documents } });
    expect(faults.map(({ code, detail }) => [code, detail])).toContainEqual([
      'reaches-foundations',
      'iam:UpdateAssumeRolePolicy on cordon-production-run',
    ]);
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

describe('the reasons for which paths are accepted', () => {
  const instance = 'arn:{partition}:ec2:{region}:{account}:instance/{instanceId}';
  const role = 'arn:{partition}:iam::{account}:role/*';
  const toEc2 = { StringEquals: { 'iam:PassedToService': ['ec2.amazonaws.com'] } };
  const call = 'arn:{partition}:lambda:{region}:{account}:function:{functionName}';
  const passing = (when?: Grant['when']): readonly Grant[] => [
    { allow: 'ec2:ReplaceIamInstanceProfileAssociation', on: instance },
    { allow: 'iam:PassRole', on: role, ...(when && { when }) },
  ];

  it('hold where roles are passed to EC2 alone, and nowhere else', () => {
    expect(aws({ writer: passing(toEc2) })).toEqual([]);
    expect(aws({ writer: passing() })).toEqual(['writer escalation']);
    expect(aws({ writer: [...passing(toEc2), ...passing()] })).toEqual(['writer escalation']);
    const elsewhere = { StringEquals: { 'iam:PassedToService': ['ec2.amazonaws.com', 'lambda.amazonaws.com'] } };
    expect(aws({ writer: passing(elsewhere) })).toEqual(['writer escalation']);
    expect(aws({ reader: passing(toEc2) })).toContain('reader escalation');
  });

  it.each([
    ['lambda:AddPermission', call, 'LambdaAddPermission'],
    ['iam:PutRolePolicy', role, 'PutRolePolicy'],
  ])('hold where %s is denied on what is Cordon’s own, and nowhere else', (allow, on, path) => {
    const compiled = compileAws(needs({ writer: [{ allow, on }] }), place);
    expect(judgeAws(compiled)).toEqual([]);
    const documents = compiled.writer.documents.map((document) => ({
      ...document,
      Statement: document.Statement.filter(({ Effect }) => Effect === 'Allow'),
    }));
    const faults = judgeAws({ ...compiled, writer: { ...compiled.writer, documents } });
    expect(faults).toContainEqual({ code: 'escalation', holder: 'writer', detail: path });
  });

  it('name one resource where they say that the session of a run reaches one', async () => {
    const actions = await Promise.all(Object.values(awsActions).map(({ load }) => load()));
    const writes = actions.flatMap(({ permissions }) => permissions.write);
    const claimed = Object.values(acceptedPaths).flatMap(({ one = [] }) => one);
    expect(claimed.length).toBeGreaterThan(5);
    for (const right of claimed) {
      const on = writes.filter(({ allow }) => allow === right).map((grant) => grant.on);
      expect(on, right).not.toEqual([]);
      // what an action names by a placeholder, the session of a run names by what is in its plan
      const one = /[:/]\{\w+\}$|:function:\{\w+\}:\*$|\{quarantineBucket\}\/cordon-quarantine\/\*$/;
      for (const arn of on) expect([right, arn]).toEqual([right, expect.stringMatching(one)]);
    }
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
