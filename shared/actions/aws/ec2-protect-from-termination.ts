import {
  DescribeInstanceAttributeCommand,
  EC2Client,
  type Instance,
  type InstanceAttributeName,
  ModifyInstanceAttributeCommand,
  type ModifyInstanceAttributeRequest,
} from '@aws-sdk/client-ec2';
import * as z from 'zod';
import type { State, StepContext } from '../../action/action.ts';
import { InstanceId } from '../../model/identifiers.ts';
import { adjustProtection, anyGroup, memberOf, placeOf, protectionOf } from './asg-place.ts';
import { type AwsSession, awsAction } from './aws-action.ts';
import { findInstance } from './find-instance.ts';

const Value = z.union([z.boolean(), z.enum(['stop', 'terminate'])]);
type Value = z.infer<typeof Value>;

const instance = 'arn:{partition}:ec2:{region}:{account}:instance/{instanceId}';

/** The attributes that EC2 does not let anybody set on a Spot instance. */
const settings = ['disableApiTermination', 'disableApiStop', 'instanceInitiatedShutdownBehavior'] as const;
const device = 'deleteOnTermination:';

async function attributeOf(
  aws: AwsSession,
  id: string,
  Attribute: InstanceAttributeName,
  abortSignal: AbortSignal,
): Promise<Value> {
  const command = new DescribeInstanceAttributeCommand({ InstanceId: id, Attribute });
  const found = await aws.client(EC2Client).send(command, { abortSignal });
  const { DisableApiTermination, DisableApiStop, InstanceInitiatedShutdownBehavior } = found;
  const [given] = [DisableApiTermination, DisableApiStop, InstanceInitiatedShutdownBehavior].filter(Boolean);
  return Value.parse(given?.Value);
}

async function settingsOf(aws: AwsSession, id: string, signal: AbortSignal): Promise<State<Value>> {
  const read = settings.map(async (name) => [`${id}/${name}`, await attributeOf(aws, id, name, signal)] as const);
  return Object.fromEntries(await Promise.all(read));
}

const devicesOf = (id: string, { BlockDeviceMappings = [] }: Instance): State<Value> =>
  Object.fromEntries(
    BlockDeviceMappings.map(({ DeviceName, Ebs }) => [
      `${id}/${device}${DeviceName}`,
      Ebs?.DeleteOnTermination ?? false,
    ]),
  );

/** What is wanted of a resource of this action: nothing may end the instance or take a volume with it. */
function wanted(resource: string): Value {
  if (resource.endsWith('/instanceInitiatedShutdownBehavior')) return 'stop';
  return !resource.includes(`/${device}`);
}

/** The request that sets one attribute: EC2 takes no more in one call. */
function requestFor(resource: string, to: Value): ModifyInstanceAttributeRequest {
  const at = resource.indexOf('/');
  const [id, name] = [resource.slice(0, at), resource.slice(at + 1)];
  const Value = to === true;
  if (name === 'disableApiTermination') return { InstanceId: id, DisableApiTermination: { Value } };
  if (name === 'disableApiStop') return { InstanceId: id, DisableApiStop: { Value } };
  if (name === 'instanceInitiatedShutdownBehavior')
    return { InstanceId: id, InstanceInitiatedShutdownBehavior: { Value: String(to) } };
  const mapping = { DeviceName: name.slice(device.length), Ebs: { DeleteOnTermination: Value } };
  return { InstanceId: id, BlockDeviceMappings: [mapping] };
}

/**
 * Keeps an instance from being ended with the evidence on it: protection from termination and from stopping, stop
 * instead of terminate when it is shut down from within, volumes that outlive it, and in an Auto Scaling group
 * protection from scale-in (docs.aws.amazon.com/AWSEC2, ModifyInstanceAttribute). Each is a resource of the plan.
 */
export const ec2ProtectFromTermination = awsAction({
  id: 'aws.ec2.protect-from-termination',
  title: 'Protect an instance from termination',
  target: 'aws.ec2.instance',
  d3fend: 'D3-SCP',
  cutsNothing: true,
  input: z.strictObject({ instanceId: InstanceId.describe('The instance, as i-0123456789abcdef0.') }),
  value: Value,
  permissions: {
    read: [
      { allow: 'ec2:DescribeInstances', on: '*' },
      { allow: 'ec2:DescribeInstanceAttribute', on: instance },
      { allow: 'autoscaling:DescribeAutoScalingInstances', on: '*' },
    ],
    write: [
      { allow: 'ec2:ModifyInstanceAttribute', on: instance },
      { allow: 'autoscaling:DescribeAutoScalingInstances', on: '*' },
      { allow: 'autoscaling:SetInstanceProtection', on: anyGroup },
    ],
  },
  settles: { seconds: 15 },
  cautions: [
    'While this stands, stopping the instance through the API is refused too, to Cordon as to everybody.',
    'A group still replaces a member that fails its health checks: detach it before it is isolated.',
    'On a Spot instance only its volumes and its place in a group can be protected; AWS may still take it back.',
    'Whoever may change instance attributes can take this back.',
  ],
  examples: [{ instanceId: 'i-0123456789abcdef0' }],
}).does({
  async capture(aws, { instanceId }, step: StepContext) {
    const found = await findInstance(aws, instanceId, step.signal);
    if (!found) return {};
    const [fixed, member] = await Promise.all([
      found.InstanceLifecycle === 'spot' ? {} : settingsOf(aws, instanceId, step.signal),
      memberOf(aws, instanceId, step),
    ]);
    const place = member ? { [protectionOf({ ...member, instanceId })]: member.isProtected } : {};
    return { [instanceId]: null, ...fixed, ...devicesOf(instanceId, found), ...place };
  },
  plan: ({ instanceId }, seen) =>
    Object.fromEntries(
      Object.keys(seen).map((resource) => [resource, resource === instanceId ? null : wanted(resource)]),
    ),
  async apply(aws, { resource, to }, step) {
    if (to === null) return;
    const place = placeOf(resource);
    if (protectionOf(place) === resource) return adjustProtection(aws, place, to === true, step);
    const command = new ModifyInstanceAttributeCommand(requestFor(resource, to));
    await aws.client(EC2Client).send(command, { abortSignal: step.signal });
  },
});
