import { type Json, type JsonObject, own } from '../../model/json.ts';
import type { Command, Until } from '../../model/command.ts';

export type AwsCommand = Extract<Command, { kind: 'aws' }>;
type Output = Readonly<Record<string, unknown>>;

const listIn = (value: unknown, key: string): readonly unknown[] => {
  const list = own(value, key);
  return Array.isArray(list) ? list : [];
};
const of = (noted: readonly AwsCommand[], operation: string): readonly AwsCommand[] =>
  noted.filter((one) => one.operation === operation);

const filterOf = (input: Json, name: string): readonly unknown[] =>
  listIn(
    listIn(input, 'Filters').find((filter) => own(filter, 'Name') === name),
    'Values',
  );

/** Groups that would have been made are found by their name, as EC2 finds them. */
function securityGroups(output: Output, input: Json, noted: readonly AwsCommand[]): Output {
  const names = filterOf(input, 'group-name');
  const made = of(noted, 'CreateSecurityGroup')
    .filter((one) => names.includes(own(one.input, 'GroupName')))
    .map(({ input: wish, gives }) => ({
      GroupName: own(wish, 'GroupName'),
      VpcId: own(wish, 'VpcId'),
      GroupId: gives?.mark,
    }));
  return { ...output, SecurityGroups: [...listIn(output, 'SecurityGroups'), ...made] };
}

/** A group with what was attached in service, the size that was set, and the tags that were written. */
function autoScalingGroup(group: unknown, noted: readonly AwsCommand[]): object {
  const name = own(group, 'AutoScalingGroupName');
  const here = noted.filter(({ input }) => own(input, 'AutoScalingGroupName') === name);
  const added = of(here, 'AttachInstances').flatMap(({ input }) => listIn(input, 'InstanceIds'));
  const size = of(here, 'SetDesiredCapacity').at(-1);
  const members = [
    ...added.map((InstanceId) => ({ InstanceId, LifecycleState: 'InService' })),
    ...listIn(group, 'Instances'),
  ];
  const DesiredCapacity = Number(
    size ? own(size.input, 'DesiredCapacity') : Number(own(group, 'DesiredCapacity')) + added.length,
  );
  const tags = of(noted, 'CreateOrUpdateTags').flatMap(({ input }) => listIn(input, 'Tags'));
  const mine = tags.filter((tag) => own(tag, 'ResourceId') === name);
  const others = listIn(group, 'Tags').filter((tag) => !mine.some((one) => own(one, 'Key') === own(tag, 'Key')));
  return {
    ...(group as object), // a group of the answer is an object
    DesiredCapacity,
    Instances: size ? members.slice(0, DesiredCapacity) : members,
    Tags: [...others, ...mine.toReversed()],
  };
}

/** Instances that would have been attached are in service in their group, protected as was asked for. */
function autoScalingInstances(output: Output, input: Json, noted: readonly AwsCommand[]): Output {
  const asked = listIn(input, 'InstanceIds');
  const attached = of(noted, 'AttachInstances').flatMap((one) =>
    listIn(one.input, 'InstanceIds')
      .filter((id) => asked.includes(id))
      .map((InstanceId) => ({
        InstanceId,
        AutoScalingGroupName: own(one.input, 'AutoScalingGroupName'),
        LifecycleState: 'InService',
        ProtectedFromScaleIn: of(noted, 'SetInstanceProtection').some(
          (other) =>
            own(other.input, 'ProtectedFromScaleIn') === true &&
            listIn(other.input, 'InstanceIds').includes(InstanceId),
        ),
      })),
  );
  return { ...output, AutoScalingInstances: [...listIn(output, 'AutoScalingInstances'), ...attached] };
}

/** Reads whose answer depends on what would have been done before, by service and operation. */
export const rehearsedReads: Readonly<
  Record<string, (output: Output, input: Json, noted: readonly AwsCommand[]) => Output>
> = {
  'EC2:DescribeSecurityGroups': securityGroups,
  'AutoScaling:DescribeAutoScalingInstances': autoScalingInstances,
  'AutoScaling:DescribeAutoScalingGroups': (output, _, noted) => ({
    ...output,
    AutoScalingGroups: listIn(output, 'AutoScalingGroups').map((group) => autoScalingGroup(group, noted)),
  }),
};

/** What a change answers that an action reads: names by which it is asked for later. */
export const rehearsedChanges: Readonly<
  Record<
    string,
    { readonly variable: string; readonly first: string; readonly query: string; answer(mark: string): object }
  >
> = {
  'EC2:CreateSecurityGroup': {
    variable: 'GROUP_ID',
    first: 'sg-',
    query: 'GroupId',
    answer: (GroupId) => ({ GroupId }),
  },
  'SSOAdmin:ProvisionPermissionSet': {
    variable: 'REQUEST_ID',
    first: '',
    query: 'PermissionSetProvisioningStatus.RequestId',
    answer: (RequestId) => ({ PermissionSetProvisioningStatus: { RequestId, Status: 'SUCCEEDED' } }),
  },
};

/** Changes that go on after their answer: what to wait for before the next one. */
export const waits: Readonly<Record<string, (input: JsonObject, mark: string) => Until>> = {
  'AutoScaling:AttachInstances': (input) => ({
    operation: 'DescribeAutoScalingInstances',
    input: { InstanceIds: listIn(input, 'InstanceIds').map(String) },
    query: 'AutoScalingInstances[0].LifecycleState',
    is: 'InService',
  }),
  'SSOAdmin:ProvisionPermissionSet': ({ InstanceArn = '' }, mark) => ({
    operation: 'DescribePermissionSetProvisioningStatus',
    input: { InstanceArn, ProvisionPermissionSetRequestId: mark },
    query: 'PermissionSetProvisioningStatus.Status',
    is: 'SUCCEEDED',
  }),
};

/** Reads that ask for such a name by itself: only the rehearsal can answer them. */
export const markedReads: Readonly<Record<string, object>> = {
  'EC2:DescribeSecurityGroupRules': { SecurityGroupRules: [] },
  'SSOAdmin:DescribePermissionSetProvisioningStatus': { PermissionSetProvisioningStatus: { Status: 'SUCCEEDED' } },
};
