import { digest } from '../../model/json.ts';
import type { View } from '../rows.ts';
import { freshId, putTags, tagsOf } from './ec2.ts';
import { interfacesOf } from './ec2-instances.ts';
import {
  type BlockDevice,
  ec2Tags,
  type InstanceRow,
  instances,
  type InterfaceRow,
  networkInterfaces,
  type TagsRow,
  volumes,
} from './ec2-rows.ts';
import { rulesOf } from './ec2-rules.ts';
import { autoScalingGroups, type GroupRow, type MemberRow, members } from './asg-rows.ts';
import type { Call } from './operation.ts';

export const groupNameTag = 'aws:autoscaling:groupName';
const launchSeconds = 60;

/** `Pending` until an instance has come up. */
export const lifecycleOf = ({ inServiceAt }: MemberRow): 'Pending' | 'InService' =>
  inServiceAt === undefined ? 'InService' : 'Pending';

/** The instances of a group, as they are. */
export const membersOf = (view: View, { account, region, name }: GroupRow): readonly MemberRow[] =>
  view
    .all(members)
    .flatMap(([, row]) => (row.group === name && row.account === account && row.region === region ? [row] : []));

const later = ({ world }: Call, seconds: number): string =>
  new Date(world.clock.milliseconds + seconds * 1_000).toISOString();

function tagInstance({ world: { rows } }: Call, id: string, group: GroupRow, joins: boolean): void {
  const { [groupNameTag]: _, ...others } = tagsOf(rows, id);
  const tags = joins ? { ...others, [groupNameTag]: group.name } : others;
  rows.delete(ec2Tags, id);
  putTags(rows, id, group, tags);
}

/** Takes a running instance in; it is in service some seconds later. */
export function join(call: Call, group: GroupRow, instanceId: string, seconds: number): void {
  const { account, region, name, newInstancesProtected: protectedFromScaleIn } = group;
  const inServiceAt = later(call, seconds);
  const row = { account, region, group: name, instanceId, protectedFromScaleIn, inServiceAt };
  call.world.rows.put(members, instanceId, row);
  tagInstance(call, instanceId, group, true);
}

/** Lets an instance go; it keeps running. */
export function leave(call: Call, group: GroupRow, instanceId: string): void {
  call.world.rows.delete(members, instanceId);
  tagInstance(call, instanceId, group, false);
}

/** Ends an instance. Its rows go at once, which AWS does an hour later. */
function terminate({ world: { rows } }: Call, instanceId: string): void {
  const gone = [
    instanceId,
    ...interfacesOf(rows, instanceId).map(({ networkInterfaceId }) => networkInterfaceId),
    ...(rows.get(instances, instanceId)?.blockDevices ?? []).flatMap(({ volumeId, deleteOnTermination }) =>
      deleteOnTermination ? [volumeId] : [],
    ),
  ];
  for (const id of gone)
    for (const kept of [instances, networkInterfaces, volumes, ec2Tags, members]) rows.delete<unknown>(kept, id);
}

function launchVolume(call: Call, model: InstanceRow, device: BlockDevice): BlockDevice {
  const { rows } = call.world;
  const volumeId = freshId(call, 'vol');
  const like = rows.get(volumes, device.volumeId);
  if (like) rows.put(volumes, volumeId, { ...like, volumeId, instanceId: model.instanceId });
  return { ...device, volumeId, attachedAt: call.world.clock.now() };
}

function launchInterface(call: Call, instanceId: string, like: InterfaceRow): void {
  const { publicIp: _, ...row } = like;
  const networkInterfaceId = freshId(call, 'eni');
  call.world.rows.put(networkInterfaces, networkInterfaceId, {
    ...row,
    networkInterfaceId,
    privateIp: like.privateIp.replace(/\d+$/, String(100 + (call.world.next('asg.address') % 150))),
    attachment: {
      attachmentId: `eni-attach-0${digest(networkInterfaceId).slice(0, 16)}`,
      instanceId,
      deviceIndex: 0,
      deleteOnTermination: true,
      attachedAt: call.world.clock.now(),
    },
  });
}

/** Launches an instance like another one: the sandbox keeps no launch templates. */
function launch(call: Call, group: GroupRow, like: InstanceRow): void {
  const { rows, clock } = call.world;
  const instanceId = freshId(call, 'i');
  const model = { ...like, instanceId, state: 'running' as const, launchedAt: clock.now() };
  const blockDevices = like.blockDevices.map((device) => launchVolume(call, model, device));
  rows.put(instances, instanceId, { ...model, blockDevices, disableApiTermination: false, disableApiStop: false });
  const [primary] = interfacesOf(rows, like.instanceId);
  if (primary) launchInterface(call, instanceId, primary);
  const tags: TagsRow['tags'] = Object.fromEntries(
    Object.entries(group.tags).flatMap(([key, { value, propagates }]) => (propagates ? [[key, value]] : [])),
  );
  putTags(rows, instanceId, group, tags);
  join(call, group, instanceId, launchSeconds);
}

const ageOf = ({ world }: Call, { instanceId }: MemberRow): string =>
  world.rows.get(instances, instanceId)?.launchedAt ?? '';

/** The instance that a group ends first when it shrinks: never one that is protected from that. */
function victimOf(call: Call, group: GroupRow): MemberRow | undefined {
  const open = membersOf(call.world.rows, group)
    .filter(({ protectedFromScaleIn }) => !protectedFromScaleIn)
    .sort((a, b) => (ageOf(call, a) < ageOf(call, b) ? -1 : 1));
  return group.terminationPolicy === 'NewestInstance' ? open.at(-1) : open[0];
}

/** Launches or ends instances until there are as many as desired; `like` is what new ones are made after. */
export function resize(call: Call, group: GroupRow, like?: InstanceRow): void {
  const { rows } = call.world;
  const first = membersOf(call.world.rows, group)[0];
  const model = like ?? (first && rows.get(instances, first.instanceId));
  for (let missing = group.desired - membersOf(call.world.rows, group).length; missing > 0 && model; missing -= 1)
    launch(call, group, model);
  for (let surplus = membersOf(call.world.rows, group).length - group.desired; surplus > 0; surplus -= 1) {
    const victim = victimOf(call, group);
    if (victim) terminate(call, victim.instanceId);
  }
}

/** Ends an instance of a group, which replaces it or shrinks. */
export function dismiss(call: Call, group: GroupRow, instanceId: string): void {
  const like = call.world.rows.get(instances, instanceId);
  terminate(call, instanceId);
  resize(call, group, like);
}

/** A load balancer's health checks come in through some rule of some group. */
function isHealthy({ world: { rows } }: Call, { healthCheckType }: GroupRow, { instanceId }: MemberRow): boolean {
  if (rows.get(instances, instanceId)?.state !== 'running') return false;
  const groups = interfacesOf(rows, instanceId).flatMap((one) => one.groups);
  return healthCheckType === 'EC2' || groups.some((id) => rulesOf(rows, id).some(({ egress }) => !egress));
}

/** What the service does by itself as time goes by: instances come into service, unhealthy ones are replaced. */
export function tend(call: Call): void {
  const { rows, clock } = call.world;
  for (const [, group] of rows.all(autoScalingGroups)) {
    if (group.account !== call.account || group.region !== call.region) continue;
    for (const { inServiceAt, ...member } of membersOf(call.world.rows, group)) {
      if (inServiceAt !== undefined && inServiceAt <= clock.now()) rows.put(members, member.instanceId, member);
      if (inServiceAt === undefined && !isHealthy(call, group, member)) dismiss(call, group, member.instanceId);
    }
  }
}
