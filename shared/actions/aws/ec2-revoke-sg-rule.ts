import {
  AuthorizeSecurityGroupIngressCommand,
  DescribeSecurityGroupsCommand,
  EC2Client,
  RevokeSecurityGroupIngressCommand,
  type SecurityGroupRule,
} from '@aws-sdk/client-ec2';
import * as z from 'zod';
import { SecurityGroupId } from '../../model/identifiers.ts';
import { awsAction } from './aws-action.ts';
import { unlessAbsent } from './fault.ts';
import {
  listRules,
  parseRule,
  permissionOf,
  type Rule,
  sameBlock,
  seenRule,
  spellRule,
} from './security-group-rules.ts';

const Port = z.int().min(0).max(65_535);
const Input = z
  .strictObject({
    groupId: SecurityGroupId.describe('The group, as sg-0123456789abcdef0.'),
    port: Port.describe('The port to close.'),
    toPort: Port.optional().describe(
      'The last port of a range, which is closed where one rule opens all of it; rules that open less stay.',
    ),
    protocol: z
      .enum(['tcp', 'udp', 'all'])
      .default('tcp')
      .describe('Of the port; all takes rules away that open every protocol, whatever the port.'),
    cidr: z
      .union([z.cidrv4(), z.cidrv6()])
      .optional()
      .describe('The source to close it for, exactly as rules name it; by default all addresses, IPv4 and IPv6.'),
  })
  .refine(({ port, toPort = port }) => port <= toPort, {
    path: ['toPort'],
    error: 'a range ends where it begins, or after',
  });
type Input = z.infer<typeof Input>;

/** What a rule carries beside what it allows, which is its name. */
const Carried = z.strictObject({ description: z.string(), tags: z.record(z.string(), z.string()) });

const anywhere = ['0.0.0.0/0', '::/0'];
const highest = 65_535;
/** IP in IP, IPv6, GRE, ESP, AH, SCTP: what else is met of the protocols that an all-traffic rule lets in. */
const otherProtocols = ['4', '41', '47', '50', '51', '132'];
const group = 'arn:{partition}:ec2:{region}:{account}:security-group/{groupId}';

const covers = (rule: Rule, { protocol, port, toPort = port }: Input): boolean =>
  rule.protocol === 'all' || (rule.protocol === protocol && rule.from <= port && toPort <= rule.to);

/** The rule as narrower ones that leave out a port or a range; none where it is to be closed as a whole. */
function without(rule: Rule, { protocol, port, toPort = port }: Input): readonly Rule[] {
  if (protocol === 'all') return [];
  const { peer } = rule;
  const around = ({ from, to }: Pick<Rule, 'from' | 'to'>): Rule[] => [
    ...(from < port ? [{ protocol, from, to: port - 1, peer }] : []),
    ...(toPort < to ? [{ protocol, from: toPort + 1, to, peer }] : []),
  ];
  if (rule.protocol !== 'all') return around(rule);
  const whole = [protocol === 'tcp' ? 'udp' : 'tcp'].map((other) => ({ protocol: other, from: 0, to: highest, peer }));
  const portless = [peer.includes(':') ? 'icmpv6' : 'icmp', ...otherProtocols];
  return [
    ...around({ from: 0, to: highest }),
    ...whole,
    ...portless.map((other) => ({ protocol: other, from: -1, to: -1, peer })),
  ];
}

/** Tags that begin with `aws:` are AWS's own and cannot be given. */
const carriedBy = ({ Description = '', Tags = [] }: SecurityGroupRule): z.infer<typeof Carried> => ({
  description: Description,
  tags: Object.fromEntries(
    Tags.flatMap(({ Key = '', Value = '' }) => (Key.startsWith('aws:') ? [] : [[Key, Value] as const])),
  ),
});

const ruleOf = (groupId: string, resource: string): Rule | undefined => parseRule(resource.slice(groupId.length + 1));

/**
 * Closes one inbound port, or a range, of a security group for all addresses (docs.aws.amazon.com/AWSEC2,
 * RevokeSecurityGroupIngress). A rule that allows more gives way to narrower ones, made before it goes, so that
 * nothing else is closed at any moment.
 */
export const ec2RevokeSgRule = awsAction({
  id: 'aws.ec2.revoke-sg-rule',
  title: 'Close an inbound port of a security group',
  target: 'aws.ec2.security-group',
  d3fend: 'D3-ITF',
  input: Input,
  value: Carried,
  permissions: {
    read: [
      { allow: 'ec2:DescribeSecurityGroups', on: '*' },
      { allow: 'ec2:DescribeSecurityGroupRules', on: '*' },
    ],
    write: [
      { allow: 'ec2:AuthorizeSecurityGroupIngress', on: group },
      { allow: 'ec2:RevokeSecurityGroupIngress', on: group },
      {
        allow: 'ec2:CreateTags',
        on: 'arn:{partition}:ec2:{region}:{account}:security-group-rule/*',
        when: { StringEquals: { 'ec2:CreateAction': ['AuthorizeSecurityGroupIngress'] } },
      },
    ],
  },
  settles: { seconds: 5 },
  cautions: [
    'Connections that are open and tracked stay open.',
    'Other groups of the same interface may still let the port in.',
    `An all-traffic rule becomes rules for TCP, UDP, ICMP and the IP protocols ${otherProtocols.join(', ')}; rarer protocols are closed with it.`,
  ],
  portable: { verb: 'close-port', with: { groupId: '${target.groupId}' } },
  examples: [
    { groupId: 'sg-0123456789abcdef0', port: 22 },
    { groupId: 'sg-0123456789abcdef0', port: 53, protocol: 'udp', cidr: '198.51.100.0/24' },
    { groupId: 'sg-0123456789abcdef0', port: 20, toPort: 8100, cidr: '::/0' },
  ],
}).does({
  async capture(aws, { groupId, cidr }, { signal }) {
    const command = new DescribeSecurityGroupsCommand({ GroupIds: [groupId] });
    const found = await unlessAbsent(['InvalidGroup.NotFound'], () =>
      aws.client(EC2Client).send(command, { abortSignal: signal }),
    );
    if (!found) return {};
    const peers = cidr === undefined ? anywhere : [cidr];
    const rules = (await listRules(aws, [groupId], signal)).flatMap((seen) => {
      const rule = seenRule(seen);
      const concerned = !seen.IsEgress && peers.some((peer) => sameBlock(peer, rule.peer));
      return concerned ? [[`${groupId}/${spellRule(rule)}`, carriedBy(seen)] as const] : [];
    });
    return { [groupId]: null, ...Object.fromEntries(rules) };
  },
  plan(input, seen, { runId }) {
    const { groupId } = input;
    const offending = Object.entries(seen).flatMap(([resource, carried]) => {
      const rule = ruleOf(groupId, resource);
      return carried && rule && covers(rule, input) ? [{ resource, rule, carried }] : [];
    });
    const left = offending.flatMap(({ rule, carried }) =>
      without(rule, input).map((narrower) => {
        const tags = { ...carried.tags, 'cordon:run': runId };
        return [`${groupId}/${spellRule(narrower)}`, { ...carried, tags }] as const;
      }),
    );
    return Object.fromEntries([
      ...left.filter(([resource]) => !seen[resource]),
      ...offending.map(({ resource }) => [resource, null] as const),
    ]);
  },
  async apply(aws, { resource, to }, { signal: abortSignal }) {
    const [GroupId = ''] = resource.split('/');
    const rule = ruleOf(GroupId, resource);
    if (!rule) return;
    const client = aws.client(EC2Client);
    if (to === null) {
      const command = new RevokeSecurityGroupIngressCommand({ GroupId, IpPermissions: [permissionOf(rule)] });
      await unlessAbsent(['InvalidPermission.NotFound'], () => client.send(command, { abortSignal }));
      return;
    }
    const Tags = Object.entries(to.tags).map(([Key, Value]) => ({ Key, Value }));
    const command = new AuthorizeSecurityGroupIngressCommand({
      GroupId,
      IpPermissions: [permissionOf(rule, to.description || undefined)],
      ...(Tags.length > 0 && { TagSpecifications: [{ ResourceType: 'security-group-rule', Tags }] }),
    });
    await unlessAbsent(['InvalidPermission.Duplicate'], () => client.send(command, { abortSignal }));
  },
});
